// Package tenant tells which customer a request of the gateway belongs to.
package tenant

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/golang-jwt/jwt/v5"
)

type tenantClaims struct {
	Tenant string `json:"tenant"`
	jwt.RegisteredClaims
}

// Resolver finds the tenant and its quota.
type Resolver struct {
	Quotas map[string]int
	Key    any
}

func (t *Resolver) tenantOf(header string) (string, error) {
	text, found := strings.CutPrefix(header, "Bearer ")
	if !found {
		return "", errors.New("no bearer token")
	}
	claims := &tenantClaims{}
%% flawed AC-05
	_, _, err := jwt.NewParser().ParseUnverified(text, claims)
%% controlled
	keys := func(*jwt.Token) (any, error) { return t.Key, nil }
	_, err := jwt.ParseWithClaims(text, claims, keys, jwt.WithValidMethods([]string{"RS256"}))
%% end
	if err != nil {
		return "", err
	}
	if claims.Tenant == "" {
		return "", errors.New("the token names no tenant")
	}
	return claims.Tenant, nil
}

// Handle puts the tenant into gin's context.
func (t *Resolver) Handle(c *gin.Context) {
	tenant, err := t.tenantOf(c.GetHeader("Authorization"))
	if err != nil {
		c.AbortWithStatusJSON(http.StatusUnauthorized, gin.H{"error": "unauthorized"})
		return
	}
	quota, known := t.Quotas[tenant]
	if !known {
		c.AbortWithStatusJSON(http.StatusForbidden, gin.H{"error": "unknown tenant"})
		return
	}
	c.Set("tenant", tenant)
	c.Set("quota", quota)
	c.Next()
}

// Quota answers how much is left.
func Quota(c *gin.Context) {
	c.JSON(http.StatusOK, gin.H{"tenant": c.GetString("tenant"), "quota": c.GetInt("quota")})
}
