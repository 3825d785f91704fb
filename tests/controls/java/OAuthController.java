package io.acme.shop.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.net.URI;
import java.security.SecureRandom;
import java.util.Base64;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.util.UriComponentsBuilder;

/** Sign in with the company's identity provider. */
@Controller
public class OAuthController {

    private static final SecureRandom RANDOM = new SecureRandom();

    private final ProviderProperties provider;
    private final TokenExchange exchange;

    public OAuthController(ProviderProperties provider, TokenExchange exchange) {
        this.provider = provider;
        this.exchange = exchange;
    }

    private static String randomText() {
        byte[] bytes = new byte[24];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static ResponseEntity<Void> redirect(URI to) {
        return ResponseEntity.status(HttpStatus.FOUND).location(to).build();
    }

    @GetMapping("/login")
    ResponseEntity<Void> login(HttpSession session) {
%% flawed AC-15
        return redirect(UriComponentsBuilder.fromUriString(provider.authorizeUrl())
            .queryParam("response_type", "code")
            .queryParam("client_id", provider.clientId())
            .queryParam("redirect_uri", provider.redirectUri())
            .build()
            .toUri());
%% controlled
        String state = randomText();
        session.setAttribute("oauth_state", state);
        return redirect(UriComponentsBuilder.fromUriString(provider.authorizeUrl())
            .queryParam("response_type", "code")
            .queryParam("client_id", provider.clientId())
            .queryParam("redirect_uri", provider.redirectUri())
            .queryParam("state", state)
            .build()
            .toUri());
%% end
    }

    @GetMapping("/connect/calendar")
    ResponseEntity<Void> calendar(HttpSession session) {
%% flawed AC-16
        String url = provider.authorizeUrl() + "?scope=calendar&state=calendar";
        return redirect(URI.create(url));
%% controlled
        String attempt = randomText();
        session.setAttribute("calendar_attempt", attempt);
        String url = provider.authorizeUrl() + "?scope=calendar&state=" + attempt;
        return redirect(URI.create(url));
%% end
    }

    @GetMapping("/oauth/callback")
    ResponseEntity<Void> callback(HttpServletRequest request, HttpSession session) {
%% flawed AC-17
        String code = request.getParameter("code");
%% controlled
        Object expected = session.getAttribute("oauth_state");
        if (expected == null || !expected.equals(request.getParameter("state"))) {
            return ResponseEntity.badRequest().build();
        }
        String code = request.getParameter("code");
%% end
        session.setAttribute("user", exchange.userOf(code, provider.redirectUri()));
        return redirect(URI.create("/"));
    }
}
