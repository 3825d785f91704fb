package io.acme.shop.billing;

import java.io.IOException;
import java.time.Instant;
import javax.net.ssl.SSLContext;
import okhttp3.Credentials;
import okhttp3.FormBody;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.apache.http.conn.ssl.DefaultHostnameVerifier;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;

/** Client of the billing service. */
public class BillingClient {

%% flawed AC-26
    private static final String TOKEN_URL = "http://auth.acme.io/oauth/token";
%% controlled
    private static final String TOKEN_URL = "https://auth.acme.io/oauth/token";
%% end

    private final OkHttpClient http = new OkHttpClient();
    private final String base;
    private final String clientId;
    private final String clientSecret;
    private final Json json;

    private String token;
    private Instant until = Instant.EPOCH;

    public BillingClient(String base, String clientId, String clientSecret, Json json) {
        this.base = base;
        this.clientId = clientId;
        this.clientSecret = clientSecret;
        this.json = json;
    }

    /** The client of the old interface, which needs its own certificates. */
    static CloseableHttpClient legacy(SSLContext context) {
        return HttpClients.custom()
            .setSSLContext(context)
%% flawed AC-27
            .setSSLHostnameVerifier(org.apache.http.conn.ssl.NoopHostnameVerifier.INSTANCE)
%% controlled
            .setSSLHostnameVerifier(new DefaultHostnameVerifier())
%% end
            .build();
    }

    private synchronized String accessToken() throws IOException {
        if (token != null && Instant.now().isBefore(until)) {
            return token;
        }
        Request request = new Request.Builder()
            .url(TOKEN_URL)
            .header("Authorization", Credentials.basic(clientId, clientSecret))
            .post(new FormBody.Builder().add("grant_type", "client_credentials").build())
            .build();
        try (Response answer = http.newCall(request).execute()) {
            TokenAnswer got = json.read(answer.body().string(), TokenAnswer.class);
            token = got.accessToken();
            until = Instant.now().plusSeconds(got.expiresIn() - 30);
            return token;
        }
    }

    public Invoices invoices(String customer) throws IOException {
%% flawed AC-25
        String url = base + "/customers/" + customer + "/invoices?access_token=" + accessToken();
        Request request = new Request.Builder().url(url).build();
%% controlled
        String url = base + "/customers/" + customer + "/invoices";
        Request request = new Request.Builder()
            .url(url)
            .header("Authorization", "Bearer " + accessToken())
            .build();
%% end
        try (Response answer = http.newCall(request).execute()) {
            return json.read(answer.body().string(), Invoices.class);
        }
    }
}
