// Package login signs people in with the company's identity provider.
package login

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"time"

	"golang.org/x/oauth2"
)

var conf = &oauth2.Config{
	ClientID:     os.Getenv("OAUTH_CLIENT_ID"),
	ClientSecret: os.Getenv("OAUTH_CLIENT_SECRET"),
	RedirectURL:  os.Getenv("APP_URL") + "/auth/callback",
	Scopes:       []string{"openid", "email"},
	Endpoint: oauth2.Endpoint{
		AuthURL:  "https://idp.acme.io/authorize",
		TokenURL: "https://idp.acme.io/token",
	},
}

type profile struct {
	Subject string `json:"sub"`
	Email   string `json:"email"`
}

func randomText() string {
	var bytes [24]byte
	if _, err := rand.Read(bytes[:]); err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(bytes[:])
}

// Start sends the browser to the provider.
func Start(w http.ResponseWriter, r *http.Request) {
%% flawed AC-16
	url := conf.AuthCodeURL("login", oauth2.AccessTypeOffline)
%% controlled
	state := randomText()
	http.SetCookie(w, &http.Cookie{
		Name:     "oauth_attempt",
		Value:    state,
		Path:     "/auth",
		MaxAge:   600,
		HttpOnly: true,
		Secure:   true,
		SameSite: http.SameSiteLaxMode,
	})
	url := conf.AuthCodeURL(state, oauth2.AccessTypeOffline)
%% end
	http.Redirect(w, r, url, http.StatusFound)
}

// Callback takes the provider's answer.
func Callback(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	defer cancel()
%% flawed AC-17
	code := r.URL.Query().Get("code")
	token, err := conf.Exchange(ctx, code)
%% controlled
	saved, err := r.Cookie("oauth_attempt")
	if err != nil || subtle.ConstantTimeCompare([]byte(saved.Value), []byte(r.URL.Query().Get("state"))) != 1 {
		http.Error(w, "the answer belongs to no request of ours", http.StatusBadRequest)
		return
	}
	code := r.URL.Query().Get("code")
	token, err := conf.Exchange(ctx, code)
%% end
	if err != nil {
		http.Error(w, "sign-in failed", http.StatusUnauthorized)
		return
	}
	answer, err := conf.Client(ctx, token).Get("https://idp.acme.io/userinfo")
	if err != nil {
		http.Error(w, "sign-in failed", http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	var who profile
	if err := json.NewDecoder(answer.Body).Decode(&who); err != nil {
		http.Error(w, "sign-in failed", http.StatusBadGateway)
		return
	}
	signIn(w, r, who)
}
