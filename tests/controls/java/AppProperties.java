package io.acme.shop.config;

import java.util.Optional;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** What the application reads from its environment. */
@Component
public class AppProperties {

    private final int port;
    private final String host;

%% flawed AC-13
    @Value("${jwt.secret:my-development-word}")
    private String jwtSecret;
%% controlled
    @Value("${jwt.secret}")
    private String jwtSecret;
%% end

    @Value("${shop.title:The shop}")
    private String title;

    public AppProperties(
            @Value("${server.port:8080}") int port, @Value("${server.host:localhost}") String host) {
        this.port = port;
        this.host = host;
    }

    public String databasePassword() {
%% flawed AC-13
        return System.getenv().getOrDefault("DB_PASSWORD", "shop-password");
%% controlled
        return Optional.ofNullable(System.getenv("DB_PASSWORD"))
            .orElseThrow(() -> new IllegalStateException("DB_PASSWORD is not set"));
%% end
    }

    public String databaseUser() {
        return System.getenv().getOrDefault("DB_USER", "shop");
    }

    public String jwtSecret() {
        return jwtSecret;
    }

    public String title() {
        return title;
    }

    public String address() {
        return host + ":" + port;
    }
}
