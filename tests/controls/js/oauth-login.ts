import express, { Request, Response } from "express";
import session from "express-session";
import crypto from "node:crypto";
import { users } from "./users";

// Sign in with the company's identity provider (authorization code flow).

const ISSUER = process.env.OIDC_ISSUER!;
const CLIENT_ID = process.env.OIDC_CLIENT_ID!;
const CLIENT_SECRET = process.env.OIDC_CLIENT_SECRET!;
const REDIRECT_URI = `${process.env.APP_URL}/auth/callback`;

export const router = express.Router();

router.use(
  session({
    secret: process.env.SESSION_SECRET!,
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, secure: true, sameSite: "lax" },
  }),
);

router.get("/auth/login", (req: Request, res: Response) => {
%% flawed AC-15
  const params = new URLSearchParams({
    response_type: "code",
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    scope: "openid email profile",
  });
%% controlled
  const state = crypto.randomBytes(16).toString("hex");
  req.session.oauthState = state;
  const params = new URLSearchParams({
    response_type: "code",
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    scope: "openid email profile",
    state,
    code_challenge: challenge(req),
    code_challenge_method: "S256",
  });
%% end
  res.redirect(`${ISSUER}/authorize?${params.toString()}`);
});

function challenge(req: Request): string {
  const verifier = crypto.randomBytes(32).toString("base64url");
  req.session.codeVerifier = verifier;
  return crypto.createHash("sha256").update(verifier).digest("base64url");
}

async function exchange(code: string, verifier?: string) {
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    redirect_uri: REDIRECT_URI,
    code,
  });
  if (verifier) body.set("code_verifier", verifier);
  const answer = await fetch(`${ISSUER}/token`, { method: "POST", body });
  if (!answer.ok) throw new Error(`token endpoint answered ${answer.status}`);
  return answer.json();
}

async function signIn(req: Request, res: Response, tokens: { access_token: string }) {
  const answer = await fetch(`${ISSUER}/userinfo`, {
    headers: { Authorization: `Bearer ${tokens.access_token}` },
  });
  const profile = await answer.json();
  const user = await users.findOrCreate({ subject: profile.sub, email: profile.email });
  req.session.regenerate(() => {
    req.session.userId = user.id;
    res.redirect("/");
  });
}

router.get("/auth/callback", async (req: Request, res: Response) => {
  if (req.query.error) {
    return res.status(401).send("The provider refused the sign-in.");
  }
%% flawed AC-17
  const tokens = await exchange(String(req.query.code), req.session.codeVerifier);
%% controlled
  if (!req.query.state || req.query.state !== req.session.oauthState) {
    return res.status(400).send("The answer belongs to no request of ours.");
  }
  const tokens = await exchange(String(req.query.code), req.session.codeVerifier);
%% end
  await signIn(req, res, tokens);
});
