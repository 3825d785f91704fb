// Package agent runs a coding agent on an issue, in a folder of its own.
package agent

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"time"
)

const limit = 15 * time.Minute

// Task is what the agent is asked for.
type Task struct {
	Issue      int
	Repository string
	Prompt     string
}

func run(ctx context.Context, folder, name string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, name, args...)
	command.Dir = folder
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return string(output), nil
}

// Solve gives the difference that the agent made.
func Solve(ctx context.Context, task Task) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	folder, err := os.MkdirTemp("", "agent-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	if _, err := run(ctx, folder, "git", "clone", "--depth", "1", task.Repository, "."); err != nil {
		return "", err
	}
%% flawed AC-43
	answer, err := run(ctx, folder, "claude", "-p", task.Prompt, "--dangerously-skip-permissions")
%% controlled
	answer, err := run(ctx, folder, "claude", "-p", task.Prompt, "--permission-mode", "plan")
%% end
	if err != nil {
		return "", err
	}
	slog.Info("answered", "issue", task.Issue, "characters", len(answer))
	return run(ctx, folder, "git", "diff")
}
