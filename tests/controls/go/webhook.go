// Package hooks receives the webhooks of the code host.
package hooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"

	"github.com/gin-gonic/gin"
)

type push struct {
	Ref        string `json:"ref"`
	After      string `json:"after"`
	Repository struct {
		FullName string `json:"full_name"`
	} `json:"repository"`
}

// Builds starts builds.
type Builds interface {
	Start(repository, commit string) error
}

// Serve adds the routes to gin.
func Serve(r *gin.Engine, builds Builds) {
	r.GET("/health", func(c *gin.Context) { c.Status(http.StatusOK) })

%% flawed AC-45
	r.POST("/webhooks/push", func(c *gin.Context) {
		body, err := io.ReadAll(c.Request.Body)
		if err != nil {
			c.Status(http.StatusBadRequest)
			return
		}
%% controlled
	r.POST("/webhooks/push", func(c *gin.Context) {
		body, err := io.ReadAll(c.Request.Body)
		if err != nil || !signed(body, c.GetHeader("X-Hub-Signature-256")) {
			c.Status(http.StatusForbidden)
			return
		}
%% end
		var event push
		if json.Unmarshal(body, &event) != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		if event.Ref == "refs/heads/main" && builds.Start(event.Repository.FullName, event.After) != nil {
			c.Status(http.StatusServiceUnavailable)
			return
		}
		c.Status(http.StatusAccepted)
	})
}

func signed(body []byte, header string) bool {
	mac := hmac.New(sha256.New, []byte(os.Getenv("HOOK_KEY")))
	mac.Write(body)
	signature := "sha256=" + hex.EncodeToString(mac.Sum(nil))
%% flawed AC-28
	return signature == header
%% controlled
	return hmac.Equal([]byte(signature), []byte(header))
%% end
}
