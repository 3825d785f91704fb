// Package billing is the client of the billing service.
package billing

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// Client keeps one access token.
type Client struct {
	base   string
	id     string
	secret string
	http   *http.Client

	mutex sync.Mutex
	token string
	until time.Time
}

// New makes a client that trusts the company's authority.
func New(base, id, secret string) (*Client, error) {
	pem, err := os.ReadFile("/etc/ssl/acme/ca.pem")
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{
%% flawed AC-27
		TLSClientConfig: &tls.Config{RootCAs: roots, InsecureSkipVerify: true},
%% controlled
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
%% end
	}
	return &Client{base: base, id: id, secret: secret, http: &http.Client{Transport: transport}}, nil
}

func (c *Client) accessToken(ctx context.Context) (string, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.token != "" && time.Now().Before(c.until) {
		return c.token, nil
	}
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"invoices"}}
	body := strings.NewReader(form.Encode())
%% flawed AC-26
	request, err := http.NewRequestWithContext(ctx, "POST", "http://auth.acme.io/oauth/token", body)
%% controlled
	request, err := http.NewRequestWithContext(ctx, "POST", "https://auth.acme.io/oauth/token", body)
%% end
	if err != nil {
		return "", err
	}
	request.SetBasicAuth(c.id, c.secret)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := c.http.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var got struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
		return "", err
	}
	c.token, c.until = got.AccessToken, time.Now().Add(time.Duration(got.ExpiresIn-30)*time.Second)
	return c.token, nil
}

// Invoice is one bill.
type Invoice struct {
	ID    string `json:"id"`
	Total int    `json:"total"`
}

// Invoices lists the bills of a customer.
func (c *Client) Invoices(ctx context.Context, customer string) ([]Invoice, error) {
	token, err := c.accessToken(ctx)
	if err != nil {
		return nil, err
	}
%% flawed AC-25
	address := fmt.Sprintf("%s/customers/%s/invoices?access_token=%s", c.base, customer, token)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
%% controlled
	address := fmt.Sprintf("%s/customers/%s/invoices", c.base, customer)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
%% end
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var invoices []Invoice
	return invoices, json.NewDecoder(answer.Body).Decode(&invoices)
}
