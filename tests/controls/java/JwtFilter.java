package io.acme.shop.security;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTVerifier;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.interfaces.DecodedJWT;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.interfaces.RSAPublicKey;
import java.util.List;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Reads the bearer token of each request. */
@Component
public class JwtFilter extends OncePerRequestFilter {

    private final RSAPublicKey publicKey;

    public JwtFilter(RSAPublicKey publicKey) {
        this.publicKey = publicKey;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String header = request.getHeader("Authorization");
        if (header == null || !header.startsWith("Bearer ")) {
            chain.doFilter(request, response);
            return;
        }
        DecodedJWT jwt;
        try {
            jwt = read(header.substring("Bearer ".length()));
        } catch (RuntimeException exception) {
            response.sendError(HttpServletResponse.SC_UNAUTHORIZED, "invalid token");
            return;
        }
        List<SimpleGrantedAuthority> authorities = jwt.getClaim("roles").asList(String.class).stream()
            .map(role -> new SimpleGrantedAuthority("ROLE_" + role))
            .toList();
        SecurityContextHolder.getContext().setAuthentication(
            new UsernamePasswordAuthenticationToken(jwt.getSubject(), null, authorities));
        chain.doFilter(request, response);
    }

    private DecodedJWT read(String token) {
%% flawed AC-05
        return JWT.decode(token);
%% controlled
        JWTVerifier verifier = JWT.require(Algorithm.RSA256(publicKey, null))
            .withIssuer("https://accounts.acme.io")
            .withAudience("shop")
            .build();
        return verifier.verify(token);
%% end
    }
}
