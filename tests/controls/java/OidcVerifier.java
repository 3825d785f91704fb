package io.acme.shop.oidc;

import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.jsonwebtoken.Claims;
import io.jsonwebtoken.Jwts;
import java.security.PublicKey;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;

/** Reads the ID tokens of the company's provider and of a partner. */
public class OidcVerifier {

    private final String issuer;
    private final String audience;
    private final PublicKey key;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    public OidcVerifier(String issuer, String audience, PublicKey key, JWKSource<SecurityContext> keys) {
        this.issuer = issuer;
        this.audience = audience;
        this.key = key;
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.RS256, keys));
    }

    private JwtConsumer consumer() {
%% flawed AC-08
        return new JwtConsumerBuilder()
            .setVerificationKey(key)
            .setRequireExpirationTime()
            .setSkipDefaultAudienceValidation()
            .build();
%% controlled
        return new JwtConsumerBuilder()
            .setVerificationKey(key)
            .setRequireExpirationTime()
            .setExpectedIssuer(issuer)
            .setExpectedAudience(audience)
            .build();
%% end
    }

    public String subject(String idToken) throws InvalidJwtException {
        return String.valueOf(consumer().processToClaims(idToken).getClaimValue("sub"));
    }

    public JWTClaimsSet partner(String token) throws Exception {
        return processor.process(token, null);
    }

    /** The token of a job that may have waited in the queue. */
    public Claims job(String token) {
        return Jwts.parser()
            .verifyWith(key)
            .requireIssuer(issuer)
            .requireAudience(audience)
%% flawed AC-09
            .clockSkewSeconds(86400)
%% controlled
            .clockSkewSeconds(30)
%% end
            .build()
            .parseSignedClaims(token)
            .getPayload();
    }
}
