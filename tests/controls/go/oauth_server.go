// Package oauthserver is our own OAuth server for partners (go-oauth2).
package oauthserver

import (
	"log"
	"net/http"
	"os"
	"time"

	"github.com/go-oauth2/oauth2/v4/errors"
	"github.com/go-oauth2/oauth2/v4/generates"
	"github.com/go-oauth2/oauth2/v4/manage"
	"github.com/go-oauth2/oauth2/v4/models"
	"github.com/go-oauth2/oauth2/v4/server"
	"github.com/go-oauth2/oauth2/v4/store"
	"github.com/golang-jwt/jwt"
)

func manager() *manage.Manager {
	m := manage.NewDefaultManager()
	m.SetAuthorizeCodeTokenCfg(&manage.Config{
		AccessTokenExp:    15 * time.Minute,
		RefreshTokenExp:   14 * 24 * time.Hour,
		IsGenerateRefresh: true,
	})
	m.SetRefreshTokenCfg(&manage.RefreshingConfig{
		AccessTokenExp: 15 * time.Minute,
%% flawed AC-21
		IsGenerateRefresh:  false,
		IsRemoveRefreshing: false,
%% controlled
		IsGenerateRefresh:  true,
		IsRemoveRefreshing: true,
%% end
		IsRemoveAccess: true,
	})
	m.MustTokenStorage(store.NewMemoryTokenStore())
	m.MapAccessGenerate(generates.NewJWTAccessGenerate("", []byte(os.Getenv("OAUTH_SIGNING_KEY")), jwt.SigningMethodHS512))
	return m
}

func clients() *store.ClientStore {
	clients := store.NewClientStore()
	_ = clients.Set("partner", &models.Client{
		ID:     "partner",
		Secret: os.Getenv("PARTNER_CLIENT_SECRET"),
		Domain: "https://partner.acme.io",
	})
	return clients
}

// Routes adds the two endpoints of OAuth.
func Routes(mux *http.ServeMux, user func(*http.Request) (string, bool)) {
	m := manager()
	m.MapClientStorage(clients())
	srv := server.NewServer(server.NewConfig(), m)
	srv.SetUserAuthorizationHandler(func(w http.ResponseWriter, r *http.Request) (string, error) {
		if id, ok := user(r); ok {
			return id, nil
		}
		return "", errors.ErrAccessDenied
	})
	srv.SetInternalErrorHandler(func(err error) *errors.Response {
		log.Println("oauth:", err)
		return nil
	})
	mux.HandleFunc("/oauth/authorize", func(w http.ResponseWriter, r *http.Request) {
		if err := srv.HandleAuthorizeRequest(w, r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	mux.HandleFunc("/oauth/token", func(w http.ResponseWriter, r *http.Request) {
		_ = srv.HandleTokenRequest(w, r)
	})
}
