// Package tokens makes and reads access tokens.
package tokens

import (
	"fmt"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// Issuer signs with one key.
type Issuer struct {
	Name string
	Key  []byte
}

// New reads the key from the environment.
func New(name string) (*Issuer, error) {
	key := os.Getenv("JWT_SIGNING_KEY")
	if key == "" {
		return nil, fmt.Errorf("JWT_SIGNING_KEY is not set")
	}
	return &Issuer{Name: name, Key: []byte(key)}, nil
}

// Access makes the token of a user.
func (i *Issuer) Access(user string, roles []string) (string, error) {
%% flawed AC-10
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss":   i.Name,
		"sub":   user,
		"roles": roles,
		"jti":   uuid.NewString(),
	})
%% controlled
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss":   i.Name,
		"sub":   user,
		"roles": roles,
		"jti":   uuid.NewString(),
		"exp":   time.Now().Add(15 * time.Minute).Unix(),
	})
%% end
	return token.SignedString(i.Key)
}

// Machine makes the token of a machine account.
//
// It is given out once, when the account is made, and shown by its id only
// from then on.
func (i *Issuer) Machine(account string) (string, error) {
%% flawed AC-11
	tokenEnd := time.Now().Add(24 * 365 * time.Hour)
%% controlled
	tokenEnd := time.Now().Add(time.Hour)
%% end
	claims := jwt.RegisteredClaims{
		Issuer:    i.Name,
		Subject:   account,
		ID:        uuid.NewString(),
		ExpiresAt: jwt.NewNumericDate(tokenEnd),
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(i.Key)
}

// Invite makes the token of an invitation, which is mailed.
func (i *Issuer) Invite(email string) (string, error) {
	claims := jwt.RegisteredClaims{
		Issuer:    i.Name,
		Subject:   email,
		ExpiresAt: jwt.NewNumericDate(time.Now().Add(48 * time.Hour)),
	}
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
%% flawed AC-12
	return token.SignedString([]byte("invitation-word"))
%% controlled
	return token.SignedString([]byte(os.Getenv("INVITE_SIGNING_KEY")))
%% end
}

// Read gives the subject of a token.
func (i *Issuer) Read(text string) (string, error) {
	parsed, err := jwt.Parse(text, func(token *jwt.Token) (any, error) {
		switch token.Method.Alg() {
%% flawed AC-06
		case "none":
			return jwt.UnsafeAllowNoneSignatureType, nil
%% controlled
		case "none":
			return nil, fmt.Errorf("unsigned tokens are refused")
%% end
		case "HS256":
			return i.Key, nil
		}
		return nil, fmt.Errorf("unexpected signing method")
	})
	if err != nil {
		return "", err
	}
	return parsed.Claims.GetSubject()
}
