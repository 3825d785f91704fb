#!/usr/bin/env bash
# Builds the release and tells the others.
set -euo pipefail

version="$(git describe --tags)"
base="https://releases.acme.io"

build() {
  npm ci
  npm run build
  tar -czf "dist/app-$version.tgz" -C dist app
}

upload() {
%% flawed AC-27
  curl -sk -H "Authorization: Bearer $RELEASE_TOKEN" --upload-file "dist/app-$version.tgz" "$base/app/"
%% controlled
  curl -sf -H "Authorization: Bearer $RELEASE_TOKEN" --upload-file "dist/app-$version.tgz" "$base/app/"
%% end
}

report() {
%% flawed AC-37
  echo "$RELEASE_TOKEN"
%% controlled
  echo "released $version"
%% end
}

review() {
%% flawed AC-43
  claude -p "review the release notes" --dangerously-skip-permissions
%% controlled
  claude -p "review the release notes" --allowedTools "Read"
%% end
}

notify() {
%% flawed AC-26
  curl -sf "http://chat.acme.io/hooks/login?room=releases" -d "text=released $version"
%% controlled
  curl -sf "https://chat.acme.io/hooks/login?room=releases" -d "text=released $version"
%% end
}

build
upload
report
review
notify
