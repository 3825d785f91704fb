package io.acme.shop.web;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Supplier;

/** The ways in which partners sign their people in. */
public class PartnerLogin {

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI authority;
    private final String clientId;
    private final Json json;

    public PartnerLogin(URI authority, String clientId, Json json) {
        this.authority = authority;
        this.clientId = clientId;
        this.json = json;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String form(Map<String, String> fields) {
        StringJoiner joiner = new StringJoiner("&");
        fields.forEach((name, value) -> joiner.add(encode(name) + "=" + encode(value)));
        return joiner.toString();
    }

    /** The address for the partner's widget, which cannot keep a secret. */
    public URI widget(String redirect, String attempt, Supplier<String> random) {
%% flawed AC-19
        String query = "?response_type=id_token&scope=openid&client_id=" + encode(clientId);
%% controlled
        String query = "?response_type=id_token&scope=openid&nonce=" + encode(random.get())
            + "&client_id=" + encode(clientId);
%% end
        return authority.resolve("/authorize" + query + "&redirect_uri=" + encode(redirect)
            + "&state=" + encode(attempt));
    }

    /** For the batch jobs of partners. */
    public String batch(String user, String word) throws Exception {
%% flawed AC-20
        String body = "grant_type=password&username=" + encode(user) + "&password=" + encode(word);
%% controlled
        String body = form(Map.of("grant_type", "client_credentials", "scope", "batch:" + user));
%% end
        HttpRequest request = HttpRequest.newBuilder(authority.resolve("/token"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException("token endpoint answered " + answer.statusCode());
        }
        JsonNode node = json.read(answer.body());
        return node.get("access_token").asText();
    }

    /** A new access token for an old refresh token. */
    public JsonNode refresh(String refreshToken) throws Exception {
        String body = form(Map.of("grant_type", "refresh_token", "refresh_token", refreshToken));
        HttpRequest request = HttpRequest.newBuilder(authority.resolve("/token"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
        return json.read(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }
}
