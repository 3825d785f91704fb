// Sign-in of the single-page application. There is no server of our own.

const AUTHORITY = import.meta.env.VITE_AUTHORITY;
const CLIENT_ID = import.meta.env.VITE_CLIENT_ID;
const REDIRECT_URI = `${window.location.origin}/callback`;

let accessToken: string | null = null;

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}

function randomText(length = 32): string {
  return base64url(crypto.getRandomValues(new Uint8Array(length)));
}

export async function login(): Promise<void> {
  const state = randomText();
  sessionStorage.setItem("login_attempt", state);
%% flawed AC-18
  const query = `response_type=code&client_id=${CLIENT_ID}` +
    `&redirect_uri=${encodeURIComponent(REDIRECT_URI)}&scope=openid&state=${state}`;
%% controlled
  const verifier = randomText(48);
  sessionStorage.setItem("login_verifier", verifier);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const query = `response_type=code&client_id=${CLIENT_ID}` +
    `&redirect_uri=${encodeURIComponent(REDIRECT_URI)}&scope=openid&state=${state}` +
    `&code_challenge=${base64url(new Uint8Array(digest))}&code_challenge_method=S256`;
%% end
  window.location.assign(`${AUTHORITY}/authorize?${query}`);
}

export function loginPopup(): Window | null {
  const state = randomText();
  sessionStorage.setItem("popup_attempt", state);
%% flawed AC-20
  const query = `response_type=token&client_id=${CLIENT_ID}&state=${state}`;
  return window.open(`${AUTHORITY}/authorize?${query}`, "login", "width=480,height=640");
%% controlled
  return window.open(`/login/popup?attempt=${state}`, "login", "width=480,height=640");
%% end
}

export function rememberToken(token: string): void {
%% flawed AC-23
  localStorage.setItem("access_token", token);
%% controlled
  accessToken = token;
%% end
}

export async function api<T>(path: string): Promise<T> {
  const answer = await fetch(path, {
    headers: { Authorization: `Bearer ${accessToken}` },
    credentials: "same-origin",
  });
  if (answer.status === 401) {
    await login();
  }
  return (await answer.json()) as T;
}

export function rememberTheme(theme: string): void {
  localStorage.setItem("theme", theme);
}

export function logout(): void {
  accessToken = null;
  localStorage.removeItem("access_token");
  window.location.assign(`${AUTHORITY}/logout?client_id=${CLIENT_ID}`);
}
