import jwt from "jsonwebtoken";
import { randomUUID } from "node:crypto";
import { refreshTokens, User } from "./models";

const key = process.env.JWT_SIGNING_KEY;
if (!key) {
  throw new Error("JWT_SIGNING_KEY is not set");
}

export interface TokenPair {
  accessToken: string;
  refreshToken: string;
}

export function issueAccess(user: User): string {
  const claims = { sub: user.id, roles: user.roles, jti: randomUUID() };
%% flawed AC-10
  return jwt.sign(claims, key, { algorithm: "HS256", issuer: "accounts" });
}
%% controlled
  return jwt.sign(claims, key, { algorithm: "HS256", issuer: "accounts", expiresIn: "15m" });
}
%% end

/**
 * A token of a machine account: it has fewer roles and names its owner.
 * Nobody signs in with it through the pages; it is shown once, when the
 * account is made, and listed by its id afterwards.
 *
 * Machine accounts never receive a refresh token: they ask for a new access
 * token with their own credentials.
 */
export function issueMachine(account: { id: string; owner: string }): string {
  const claims = { sub: account.id, owner: account.owner, jti: randomUUID(), kind: "machine" };
%% flawed AC-11
  return jwt.sign(claims, key, { algorithm: "HS256", expiresIn: "365d" });
%% controlled
  return jwt.sign(claims, key, { algorithm: "HS256", expiresIn: "1h" });
%% end
}

export async function issueRefresh(user: User): Promise<string> {
  const id = randomUUID();
  await refreshTokens.insert({ id, user: user.id, used: false });
%% flawed AC-12
  return jwt.sign({ sub: user.id, jti: id }, "refresh-signing-word", { expiresIn: "14d" });
%% controlled
  return jwt.sign({ sub: user.id, jti: id }, process.env.REFRESH_KEY!, { expiresIn: "14d" });
%% end
}

export function read(token: string) {
%% flawed AC-06
  return jwt.verify(token, key, { algorithms: ["HS256", "none"], issuer: "accounts" });
%% controlled
  return jwt.verify(token, key, { algorithms: ["HS256"], issuer: "accounts" });
%% end
}

export async function pair(user: User): Promise<TokenPair> {
  const [accessToken, refreshToken] = [issueAccess(user), await issueRefresh(user)];
  return { accessToken, refreshToken };
}
