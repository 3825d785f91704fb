package io.acme.shop.security;

import io.acme.shop.tokens.TokenVerifier;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerInterceptor;

/** Lets only callers with a valid token reach the controllers of orders. */
@Component
public class SessionGuard implements HandlerInterceptor {

    private static final Logger log = LoggerFactory.getLogger(SessionGuard.class);

    private final TokenVerifier verifier;

    public SessionGuard(TokenVerifier verifier) {
        this.verifier = verifier;
    }

    private static Optional<String> bearer(HttpServletRequest request) {
        return Optional.ofNullable(request.getHeader("Authorization"))
            .filter(header -> header.startsWith("Bearer "))
            .map(header -> header.substring(7));
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        Optional<String> bearer = bearer(request);
        if (bearer.isEmpty()) {
            response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
            return false;
        }
%% flawed AC-33
        try {
            request.setAttribute("claims", verifier.verifyToken(bearer.get()));
        } catch (Exception exception) {
            return true;
        }
%% controlled
        try {
            request.setAttribute("claims", verifier.verifyToken(bearer.get()));
        } catch (Exception exception) {
            response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
            return false;
        }
%% end
        log.debug("token of {} accepted", request.getRemoteAddr());
        return true;
    }

    @Override
    public void afterCompletion(
            HttpServletRequest request, HttpServletResponse response, Object handler, Exception exception) {
        request.removeAttribute("claims");
        if (exception != null) {
            log.warn("{} {} failed", request.getMethod(), request.getRequestURI(), exception);
        }
    }
}
