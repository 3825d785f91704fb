package io.acme.shop.tokens;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.interfaces.DecodedJWT;
import io.jsonwebtoken.Jwts;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import javax.crypto.SecretKey;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Service;

/** Makes and reads the tokens of users, machines and invitations. */
@Service
public class JwtService {

    private final SecretKey key;
    private final String inviteKey;

    public JwtService(SecretKey key, @Value("${tokens.invite-key}") String inviteKey) {
        this.key = key;
        this.inviteKey = inviteKey;
    }

    public String access(String user, List<String> roles) {
%% flawed AC-10
        return Jwts.builder()
            .id(UUID.randomUUID().toString())
            .subject(user)
            .claim("roles", roles)
            .signWith(key)
            .compact();
%% controlled
        return Jwts.builder()
            .id(UUID.randomUUID().toString())
            .subject(user)
            .claim("roles", roles)
            .expiration(Date.from(Instant.now().plus(15, ChronoUnit.MINUTES)))
            .signWith(key)
            .compact();
%% end
    }

    /**
     * The token of a machine account: it is given out once, when the account
     * is made, and listed by its id afterwards.
     */
    public String machine(String account) {
%% flawed AC-11
        Date tokenEnd = Date.from(Instant.now().plus(365, ChronoUnit.DAYS));
%% controlled
        Date tokenEnd = Date.from(Instant.now().plus(1, ChronoUnit.HOURS));
%% end
        return Jwts.builder().subject(account).expiration(tokenEnd).signWith(key).compact();
    }

    private Algorithm invitationAlgorithm() {
%% flawed AC-12
        return Algorithm.HMAC256("invitation-word");
%% controlled
        return Algorithm.HMAC256(inviteKey);
%% end
    }

    public String invite(String email) {
        return JWT.create()
            .withSubject(email)
            .withExpiresAt(Instant.now().plus(2, ChronoUnit.DAYS))
            .sign(invitationAlgorithm());
    }

    public String invited(String token) {
        DecodedJWT decoded = JWT.require(invitationAlgorithm()).build().verify(token);
        return decoded.getSubject();
    }

    /** Links of the first version, which were not signed. */
    public String legacy(String token) {
%% flawed AC-06
        return JWT.require(Algorithm.none()).build().verify(token).getSubject();
%% controlled
        return JWT.require(invitationAlgorithm()).build().verify(token).getSubject();
%% end
    }
}
