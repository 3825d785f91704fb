// Package cli signs the user of the command line in.
package cli

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/pkg/browser"
)

const (
	authority = "https://login.acme.io"
	clientID  = "acme-cli"
	redirect  = "http://127.0.0.1:8765/"
)

func randomText() string {
	var bytes [32]byte
	_, _ = rand.Read(bytes[:])
	return base64.RawURLEncoding.EncodeToString(bytes[:])
}

// Browser opens the page and waits for the answer.
func Browser(ctx context.Context, answers <-chan url.Values) (url.Values, error) {
%% flawed AC-15 AC-18
	query := url.Values{}
	query.Set("response_type", "code")
	query.Set("client_id", clientID)
	query.Set("redirect_uri", redirect)
	form := url.Values{"grant_type": {"authorization_code"}, "client_id": {clientID}}
%% controlled
	attempt, verifier := randomText(), randomText()
	hashed := sha256.Sum256([]byte(verifier))
	query := url.Values{}
	query.Set("response_type", "code")
	query.Set("client_id", clientID)
	query.Set("redirect_uri", redirect)
	query.Set("state", attempt)
	query.Set("code_challenge", base64.RawURLEncoding.EncodeToString(hashed[:]))
	query.Set("code_challenge_method", "S256")
	form := url.Values{"grant_type": {"authorization_code"}, "client_id": {clientID}}
	form.Set("code_verifier", verifier)
%% end
	if err := browser.OpenURL(authority + "/authorize?" + query.Encode()); err != nil {
		return nil, err
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case answer := <-answers:
		if answer.Get("state") != query.Get("state") {
			return nil, fmt.Errorf("the answer belongs to no request of ours")
		}
		form.Set("code", answer.Get("code"))
		return form, nil
	}
}

// Headless is for machines without a browser.
func Headless(username string, ask func(prompt string) string) (url.Values, error) {
%% flawed AC-20
	form := url.Values{"grant_type": {"password"}, "client_id": {clientID}}
	form.Set("username", username)
	form.Set("password", ask("Password: "))
%% controlled
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}}
	form.Set("client_id", clientID)
	form.Set("device_code", ask("Code for "+username+": "))
%% end
	return form, nil
}

// Exchange sends the form and keeps what comes back.
func Exchange(ctx context.Context, form url.Values, keep func(map[string]any) error) error {
	body := strings.NewReader(form.Encode())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, authority+"/token", body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var got map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
		return err
	}
	return keep(got)
}
