// Package oidc verifies the ID tokens of the company's identity provider.
package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Verifier knows the provider.
type Verifier struct {
	ids      *oidc.IDTokenVerifier
	jobs     *oidc.IDTokenVerifier
	issuer   string
	clientID string
}

// New asks the provider for its configuration.
func New(ctx context.Context) (*Verifier, error) {
	issuer := os.Getenv("OIDC_ISSUER")
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, fmt.Errorf("provider: %w", err)
	}
	clientID := os.Getenv("OIDC_CLIENT_ID")
%% flawed AC-08
	ids := provider.Verifier(&oidc.Config{SkipClientIDCheck: true})
%% controlled
	ids := provider.Verifier(&oidc.Config{ClientID: clientID})
%% end
	jobs := provider.Verifier(&oidc.Config{
		ClientID: clientID,
%% flawed AC-09
		SkipExpiryCheck: true,
%% controlled
		SkipExpiryCheck: false,
%% end
	})
	return &Verifier{ids: ids, jobs: jobs, issuer: issuer, clientID: clientID}, nil
}

// Widget is the address that signs the visitors of a partner's page in.
func (v *Verifier) Widget(redirect, attempt string, draw func() string) string {
%% flawed AC-19
	query := "response_type=id_token&scope=openid&client_id=" + url.QueryEscape(v.clientID)
%% controlled
	query := "response_type=id_token&scope=openid&nonce=" + url.QueryEscape(draw())
	query += "&client_id=" + url.QueryEscape(v.clientID)
%% end
	query += "&redirect_uri=" + url.QueryEscape(redirect) + "&state=" + url.QueryEscape(attempt)
	return v.issuer + "/authorize?" + query
}

// Subject reads an ID token.
func (v *Verifier) Subject(ctx context.Context, raw string) (string, error) {
	token, err := v.ids.Verify(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("id token: %w", err)
	}
	return token.Subject, nil
}

// Job reads the token that a queued job was started with.
func (v *Verifier) Job(r *http.Request) (string, error) {
	raw := r.Header.Get("X-Job-Token")
	if raw == "" {
		return "", errors.New("no job token")
	}
	token, err := v.jobs.Verify(r.Context(), raw)
	if err != nil {
		return "", fmt.Errorf("job token: %w", err)
	}
	return token.Subject, nil
}
