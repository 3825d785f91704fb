package io.acme.shop.web;

import io.acme.shop.accounts.Account;
import io.acme.shop.accounts.Accounts;
import io.acme.shop.accounts.Sessions;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.web.bind.annotation.CookieValue;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Signs people in and out with a cookie. */
@RestController
public class SessionController {

    private static final int LIFETIME = 8 * 60 * 60;

    private final Accounts accounts;
    private final Sessions sessions;
    private final PasswordEncoder encoder;

    public SessionController(Accounts accounts, Sessions sessions, PasswordEncoder encoder) {
        this.accounts = accounts;
        this.sessions = sessions;
        this.encoder = encoder;
    }

    public record Login(String email, String password) {}

    @PostMapping("/login")
    ResponseEntity<Void> login(@RequestBody Login body, HttpServletResponse response) {
        Account account = accounts.byEmail(body.email());
        if (account == null || !encoder.matches(body.password(), account.passwordHash())) {
            return ResponseEntity.status(401).build();
        }
        String id = sessions.create(account.id(), LIFETIME);
%% flawed AC-24
        Cookie cookie = new Cookie("session_id", id);
        cookie.setMaxAge(LIFETIME);
        cookie.setHttpOnly(false);
        cookie.setPath("/");
        response.addCookie(cookie);
%% controlled
        Cookie cookie = new Cookie("session_id", id);
        cookie.setMaxAge(LIFETIME);
        cookie.setHttpOnly(true);
        cookie.setSecure(true);
        cookie.setPath("/");
        response.addCookie(cookie);
%% end
        Cookie theme = new Cookie("theme", account.theme());
        theme.setMaxAge(365 * 24 * 3600);
        response.addCookie(theme);
        return ResponseEntity.noContent().build();
    }

    @PostMapping("/login/remember")
    ResponseEntity<Void> remember(@CookieValue("session_id") String id) {
        String value = sessions.extend(id, 14);
%% flawed AC-24
        ResponseCookie cookie = ResponseCookie.from("remember_token", value)
            .path("/")
            .secure(false)
            .httpOnly(true)
            .build();
%% controlled
        ResponseCookie cookie = ResponseCookie.from("remember_token", value)
            .path("/")
            .secure(true)
            .httpOnly(true)
            .sameSite("Lax")
            .build();
%% end
        return ResponseEntity.noContent().header(HttpHeaders.SET_COOKIE, cookie.toString()).build();
    }

    @PostMapping("/logout")
    ResponseEntity<Void> logout(@CookieValue("session_id") String id) {
        sessions.revoke(id);
        return ResponseEntity.noContent().build();
    }
}
