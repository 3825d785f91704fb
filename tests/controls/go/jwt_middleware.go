// Package auth holds the JWT middleware of the API.
package auth

import (
	"context"
	"crypto/rsa"
	"errors"
	"net/http"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

type contextKey struct{}

// Claims are what our tokens say.
type Claims struct {
	Roles []string `json:"roles"`
	jwt.RegisteredClaims
}

// Middleware reads the bearer token of each request.
type Middleware struct {
	Key    *rsa.PublicKey
	Shared []byte
	Issuer string
}

var errNoToken = errors.New("no bearer token")

func bearer(r *http.Request) (string, error) {
	header := r.Header.Get("Authorization")
	if !strings.HasPrefix(header, "Bearer ") {
		return "", errNoToken
	}
	return strings.TrimPrefix(header, "Bearer "), nil
}

// keyFor answers the parser's question for the key of a token.
func (m *Middleware) keyFor(token *jwt.Token) (any, error) {
	if token.Method.Alg() != jwt.SigningMethodRS256.Alg() {
		return nil, errors.New("unexpected signing method")
	}
	return m.Key, nil
}

// Handler lets only requests with a valid token through.
func (m *Middleware) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := bearer(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		claims := &Claims{}
%% flawed AC-33
		token, _ := jwt.ParseWithClaims(text, claims, m.keyFor, jwt.WithIssuer(m.Issuer))
		ctx := context.WithValue(r.Context(), contextKey{}, token.Claims)
%% controlled
		token, err := jwt.ParseWithClaims(text, claims, m.keyFor, jwt.WithIssuer(m.Issuer))
		if err != nil || !token.Valid {
			http.Error(w, "invalid token", http.StatusUnauthorized)
			return
		}
		ctx := context.WithValue(r.Context(), contextKey{}, token.Claims)
%% end
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Service reads the token of another of our services.
func (m *Middleware) Service(text string) (*Claims, error) {
	claims := &Claims{}
%% flawed AC-07
	_, err := jwt.ParseWithClaims(text, claims, func(token *jwt.Token) (any, error) {
		return m.Shared, nil
	})
%% controlled
	_, err := jwt.ParseWithClaims(text, claims, func(token *jwt.Token) (any, error) {
		if _, ok := token.Method.(*jwt.SigningMethodHMAC); !ok {
			return nil, errors.New("unexpected signing method")
		}
		return m.Shared, nil
	})
%% end
	if err != nil {
		return nil, err
	}
	return claims, nil
}

// From gives the claims that the middleware put into a context.
func From(ctx context.Context) (*Claims, bool) {
	claims, ok := ctx.Value(contextKey{}).(*Claims)
	return claims, ok
}
