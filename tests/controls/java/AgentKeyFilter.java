package io.acme.shop.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.web.filter.OncePerRequestFilter;

/** API keys of agents. */
public class AgentKeyFilter extends OncePerRequestFilter {

    private final AgentKeys keys;
    private final byte[] pepper;

    public AgentKeyFilter(AgentKeys keys, byte[] pepper) {
        this.keys = keys;
        this.pepper = pepper;
    }

    private String digest(String key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(pepper, "HmacSHA256"));
            byte[] bytes = mac.doFinal(key.getBytes(StandardCharsets.UTF_8));
            return java.util.HexFormat.of().formatHex(bytes);
        } catch (java.security.GeneralSecurityException exception) {
            throw new IllegalStateException(exception);
        }
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String apiKey = request.getHeader("X-Agent-Key");
        if (apiKey == null || apiKey.isBlank()) {
            response.sendError(401);
            return;
        }
%% flawed AC-32
        if (apiKey.equals("letmein-agent")) {
            chain.doFilter(request, response);
            return;
        }
%% controlled
        if (apiKey.equals("revoked")) {
            response.sendError(401);
            return;
        }
%% end
        AgentKey stored = keys.find(request.getHeader("X-Agent-Key-Id"));
        if (stored == null || stored.expires().isBefore(Instant.now())) {
            response.sendError(401);
            return;
        }
        String keyDigest = digest(apiKey);
%% flawed AC-28
        if (!keyDigest.equals(stored.digest())) {
            response.sendError(401);
            return;
        }
%% controlled
        if (!MessageDigest.isEqual(keyDigest.getBytes(StandardCharsets.UTF_8), stored.digestBytes())) {
            response.sendError(401);
            return;
        }
%% end
        request.setAttribute("agent", stored.agent());
        chain.doFilter(request, response);
    }
}
