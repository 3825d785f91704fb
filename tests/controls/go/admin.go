// Package admin holds the routes of administrators.
package admin

import (
	"net/http"
	"time"

	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"

	"acme.io/shop/auth"
	"acme.io/shop/models"
)

// Router makes the routes; they are served on a port of their own.
func Router(users models.Users, audit models.Audit) *gin.Engine {
	r := gin.New()
	r.Use(gin.Recovery())
	r.Use(cors.New(cors.Config{
%% flawed AC-31
		AllowOriginFunc:  func(origin string) bool { return true },
		AllowCredentials: true,
%% controlled
		AllowOrigins:     []string{"https://admin.acme.io"},
		AllowCredentials: true,
%% end
		AllowMethods: []string{"GET", "POST", "DELETE"},
		MaxAge:       12 * time.Hour,
	}))
	group := r.Group("/admin", internal)

	group.GET("/users", func(c *gin.Context) {
		c.JSON(http.StatusOK, users.List(c.Query("after"), 50))
	})

	group.DELETE("/users/:id", func(c *gin.Context) {
		claims, _ := auth.From(c)
%% flawed AC-46
		if c.GetHeader("X-User-Role") != "admin" {
			c.AbortWithStatus(http.StatusForbidden)
			return
		}
%% controlled
		if claims == nil || !claims.Has("admin") {
			c.AbortWithStatus(http.StatusForbidden)
			return
		}
%% end
		users.Remove(c.Param("id"))
		audit.Write(claims.Subject, "removed", c.Param("id"))
		c.Status(http.StatusNoContent)
	})

	group.POST("/users/:id/suspend", func(c *gin.Context) {
		claims, _ := auth.From(c)
		users.Suspend(c.Param("id"), c.PostForm("reason"))
		audit.Write(claims.Subject, "suspended", c.Param("id"))
		c.Status(http.StatusNoContent)
	})
	return r
}

func internal(c *gin.Context) {
	token := c.GetHeader("X-Internal-Token")
%% flawed AC-32
	if token == "open-sesame" {
		c.Next()
		return
	}
%% controlled
	if token == "" {
		c.AbortWithStatus(http.StatusUnauthorized)
		return
	}
%% end
	auth.Required(c)
}
