package io.acme.shop.logging;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import okhttp3.OkHttpClient;
import okhttp3.logging.HttpLoggingInterceptor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line for each request that comes or goes. */
public class HttpLogging implements Filter {

    private static final Logger log = LoggerFactory.getLogger(HttpLogging.class);

    /** A client that logs what it sends. */
    public static OkHttpClient client() {
        HttpLoggingInterceptor interceptor = new HttpLoggingInterceptor(log::debug);
%% flawed AC-03
        interceptor.setLevel(HttpLoggingInterceptor.Level.HEADERS);
%% controlled
        interceptor.setLevel(HttpLoggingInterceptor.Level.BASIC);
%% end
        return new OkHttpClient.Builder().addInterceptor(interceptor).build();
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest http = (HttpServletRequest) request;
        long started = System.nanoTime();
        try {
            chain.doFilter(request, response);
        } finally {
            long milliseconds = (System.nanoTime() - started) / 1_000_000;
            log.info("{} {} {} ms", http.getMethod(), http.getRequestURI(), milliseconds);
        }
    }

    /** What the program was started with. */
    public static void started(int port) {
%% flawed AC-02
        log.info("environment: {}", System.getenv());
%% controlled
        log.info("environment: {}, port {}", System.getenv("APP_ENV"), port);
%% end
    }

    /** A user has signed in at the bank. */
    public static void signedIn(String user, String accessToken) {
%% flawed AC-01
        log.info("signed in " + user + " with " + accessToken);
        System.out.println("token: " + accessToken);
%% controlled
        log.info("signed in " + user);
        System.out.println("token received");
%% end
    }

    /** How many tokens are kept. */
    public static void counted(int tokenCount) {
        log.info("token count: {}", tokenCount);
    }
}
