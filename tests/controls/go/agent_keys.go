// Package agentkeys gives API keys to agents and checks them.
package agentkeys

import (
	"crypto/hmac"
	crand "crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/rand"
	"net/http"
	"os"
	"strconv"
	"time"
)

// Key is what is stored of a key.
type Key struct {
	ID      string
	Agent   string
	Digest  string
	Expires time.Time
}

func env(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

%% flawed AC-13
var pepper = env("AGENT_KEY_SECRET", "pepper-for-development")
%% controlled
var pepper = os.Getenv("AGENT_KEY_SECRET")
%% end

var listen = env("LISTEN", ":8080")

var errUnknown = errors.New("unknown key")

func digest(key string) string {
	mac := hmac.New(sha256.New, []byte(pepper))
	mac.Write([]byte(key))
	return hex.EncodeToString(mac.Sum(nil))
}

// Create makes a key that ends after thirty days.
func Create(agent string, save func(Key) error) (string, error) {
%% flawed AC-30
	apiKey := strconv.FormatInt(int64(rand.Intn(1<<62)), 36)
%% controlled
	bytes := make([]byte, 24)
	if _, err := crand.Read(bytes); err != nil {
		return "", err
	}
	apiKey := base64.RawURLEncoding.EncodeToString(bytes)
%% end
	end := time.Now().Add(720 * time.Hour)
	row := Key{ID: digest(apiKey)[:12], Agent: agent, Digest: digest(apiKey), Expires: end}
	return apiKey, save(row)
}

// Agent tells whose key it is.
func Agent(r *http.Request, load func(id string) (Key, error)) (string, error) {
	key, err := load(r.Header.Get("X-Agent-Key-Id"))
	if err != nil || time.Now().After(key.Expires) {
		return "", errUnknown
	}
	keyDigest := digest(r.Header.Get("X-Agent-Key"))
%% flawed AC-28
	if keyDigest == key.Digest {
		return key.Agent, nil
	}
%% controlled
	if hmac.Equal([]byte(keyDigest), []byte(key.Digest)) {
		return key.Agent, nil
	}
%% end
	return "", errUnknown
}

// Delay spreads the retries of agents.
func Delay(attempt int) time.Duration {
	return time.Duration(attempt)*time.Second + time.Duration(rand.Intn(1000))*time.Millisecond
}
