// Package httplog writes one line for each request that comes or goes.
package httplog

import (
	"fmt"
	"log"
	"log/slog"
	"net/http"
%% flawed
	"net/http/httputil"
%% end
	"os"
	"time"
)

type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// Middleware logs what comes in.
func Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		seen := &status{ResponseWriter: w, code: http.StatusOK}
%% flawed AC-02
		log.Println("incoming", r.Method, r.URL.Path, r.Header)
%% controlled
		log.Println("incoming", r.Method, r.URL.Path, r.Header.Get("User-Agent"))
%% end
		next.ServeHTTP(seen, r)
		log.Printf("%s %s %d %s", r.Method, r.URL.Path, seen.code, time.Since(started))
	})
}

// Transport logs what goes out.
type Transport struct {
	Base http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
%% flawed AC-03
	dump, err := httputil.DumpRequestOut(r, true)
	if err == nil {
		log.Printf("outgoing: %s", dump)
	}
%% controlled
	log.Printf("outgoing: %s %s", r.Method, r.URL.Host)
%% end
	return t.Base.RoundTrip(r)
}

// Started tells how the program was started.
func Started(port int) {
	slog.Info("started", "port", port, "version", os.Getenv("VERSION"))
}

// SignedIn tells that the bank let us in.
func SignedIn(user string, refreshToken string) {
%% flawed AC-01
	slog.Info("signed in at the bank", "user", user, "refresh", refreshToken)
	fmt.Printf("refresh token %s\n", refreshToken)
%% controlled
	slog.Info("signed in at the bank", "user", user, "refresh token", len(refreshToken) > 0)
	fmt.Printf("has a refresh token: %t\n", refreshToken != "")
%% end
}

// TokenCount tells how many tokens are kept.
func TokenCount(tokens map[string]string) {
	tokenCount := len(tokens)
	slog.Info("token count", "count", tokenCount)
	fmt.Println("tokens kept:", tokenCount)
}
