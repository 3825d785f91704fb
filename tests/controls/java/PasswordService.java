package io.acme.shop.accounts;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Random;
import org.apache.commons.codec.digest.DigestUtils;
import org.springframework.security.crypto.bcrypt.BCrypt;
import org.springframework.stereotype.Service;

/** Stores passwords and lets people choose new ones. */
@Service
public class PasswordService {

    private static final Duration VALID = Duration.ofMinutes(30);

    private final Accounts accounts;
    private final Resets resets;
    private final Mailer mailer;

    public PasswordService(Accounts accounts, Resets resets, Mailer mailer) {
        this.accounts = accounts;
        this.resets = resets;
        this.mailer = mailer;
    }

    static String hashed(String password) {
%% flawed AC-29
        return DigestUtils.sha256Hex(password);
%% controlled
        return BCrypt.hashpw(password, BCrypt.gensalt(12));
%% end
    }

    private static String digest(String code) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha.digest(code.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException exception) {
            throw new IllegalStateException(exception);
        }
    }

    public void forgot(String email) {
        Account account = accounts.byEmail(email);
        if (account == null) {
            return;
        }
%% flawed AC-30
        String resetCode = String.valueOf(100000 + new Random().nextInt(900000));
%% controlled
        String resetCode = String.valueOf(100000 + new SecureRandom().nextInt(900000));
%% end
        resets.save(account.id(), digest(resetCode), Instant.now().plus(VALID));
        mailer.send(email, "Your code", "Use " + resetCode + " to choose a new password.");
    }

    public void reset(String email, String code, String password) {
        if (password.length() < 12) {
            throw new IllegalArgumentException("at least 12 characters, please");
        }
        Account account = accounts.byEmail(email);
        if (account == null || !resets.take(account.id(), digest(code))) {
            throw new IllegalArgumentException("this code is no longer valid");
        }
        accounts.setHash(account.id(), hashed(password));
    }

    /** A colour for the picture of somebody who has none. */
    static int colour() {
        return new Random().nextInt(360);
    }
}
