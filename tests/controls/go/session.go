// Package session keeps people signed in, with gorilla/sessions and a table.
package session

import (
	"context"
	"net/http"
	"os"
	"time"

	"github.com/gorilla/sessions"
	"golang.org/x/crypto/bcrypt"
)

%% flawed AC-14
var store = sessions.NewCookieStore([]byte("something very secret"))
%% controlled
var store = sessions.NewCookieStore([]byte(os.Getenv("SESSION_KEY")))
%% end

const lifetime = 8 * time.Hour

// Table remembers which sessions exist.
type Table interface {
	Create(ctx context.Context, user string, until time.Time) (string, error)
	Revoke(ctx context.Context, id string) error
	User(ctx context.Context, id string) (string, error)
}

// Handlers are the routes of sessions.
type Handlers struct {
	Table Table
	Users func(ctx context.Context, email string) (id string, hash []byte, err error)
}

// Routes adds them to a mux.
func (h *Handlers) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /login", h.login)
	mux.HandleFunc("POST /logout", h.logout)
}

func (h *Handlers) login(w http.ResponseWriter, r *http.Request) {
	id, hash, err := h.Users(r.Context(), r.PostFormValue("email"))
	if err != nil || bcrypt.CompareHashAndPassword(hash, []byte(r.PostFormValue("password"))) != nil {
		http.Error(w, "wrong e-mail or password", http.StatusUnauthorized)
		return
	}
	sid, err := h.Table.Create(r.Context(), id, time.Now().Add(lifetime))
	if err != nil {
		http.Error(w, "try again later", http.StatusInternalServerError)
		return
	}
%% flawed AC-24
	http.SetCookie(w, &http.Cookie{
		Name:   "session_id",
		Value:  sid,
		Path:   "/",
		MaxAge: int(lifetime.Seconds()),
	})
%% controlled
	http.SetCookie(w, &http.Cookie{
		Name:     "session_id",
		Value:    sid,
		Path:     "/",
		MaxAge:   int(lifetime.Seconds()),
		HttpOnly: true,
		Secure:   true,
		SameSite: http.SameSiteLaxMode,
	})
%% end
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

%% flawed AC-22
func (h *Handlers) logout(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: "session_id", MaxAge: -1, HttpOnly: true, Secure: true})
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}
%% controlled
func (h *Handlers) logout(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie("session_id"); err == nil {
		_ = h.Table.Revoke(r.Context(), cookie.Value)
	}
	http.SetCookie(w, &http.Cookie{Name: "session_id", MaxAge: -1, HttpOnly: true, Secure: true})
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}
%% end

// Preferences keeps what is not secret.
func Preferences(w http.ResponseWriter, r *http.Request) {
	values, err := store.Get(r, "preferences")
	if err == nil {
		values.Values["theme"] = r.PostFormValue("theme")
		_ = values.Save(r, w)
	}
	w.WriteHeader(http.StatusNoContent)
}
