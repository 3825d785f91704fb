// Package passwords stores passwords and lets people choose new ones.
package passwords

import (
	"context"
	crand "crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"math/rand"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// Store is the table of users.
type Store interface {
	SetHash(ctx context.Context, user, hash string) error
	SaveReset(ctx context.Context, user, digest string, until time.Time) error
	TakeReset(ctx context.Context, user, digest string) (bool, error)
}

// Mailer sends mail.
type Mailer func(ctx context.Context, to, subject, text string) error

var errWrongCode = errors.New("this code is no longer valid")

func hashed(password string) (string, error) {
%% flawed AC-29
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:]), nil
%% controlled
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	return string(hash), err
%% end
}

func codeDigest(user, value string) string {
	sum := sha256.Sum256([]byte(user + "/" + value))
	return hex.EncodeToString(sum[:])
}

// Forgot mails a code that works once, for half an hour.
func Forgot(ctx context.Context, store Store, mail Mailer, user, email string) error {
%% flawed AC-30
	resetCode := fmt.Sprintf("%06d", rand.Intn(1000000))
%% controlled
	number, err := crand.Int(crand.Reader, big.NewInt(1000000))
	if err != nil {
		return err
	}
	resetCode := fmt.Sprintf("%06d", number)
%% end
	until := time.Now().Add(30 * time.Minute)
	if err := store.SaveReset(ctx, user, codeDigest(user, resetCode), until); err != nil {
		return err
	}
	time.Sleep(time.Duration(rand.Intn(200)) * time.Millisecond)
	return mail(ctx, email, "Your code", "Use "+resetCode+" to choose a new password.")
}

// Reset takes the code and stores the new password.
func Reset(ctx context.Context, store Store, user, value, password string) error {
	if len(password) < 12 {
		return errors.New("at least 12 characters, please")
	}
	known, err := store.TakeReset(ctx, user, codeDigest(user, value))
	if err != nil {
		return err
	}
	if !known {
		return errWrongCode
	}
	hash, err := hashed(password)
	if err != nil {
		return err
	}
	return store.SetHash(ctx, user, hash)
}
