import crypto from "node:crypto";
import bcrypt from "bcrypt";
import { Router } from "express";
import { mailer } from "./mailer";
import { resets, users } from "./models";

export const router = Router();

const HOUR = 60 * 60 * 1000;

router.post("/password/forgot", async (req, res) => {
  const user = await users.byEmail(String(req.body.email));
  if (user) {
%% flawed AC-30
    const resetToken = Math.random().toString(36).substring(2, 15);
%% controlled
    const resetToken = crypto.randomBytes(32).toString("hex");
%% end
    const digest = crypto.createHash("sha256").update(resetToken).digest("hex");
    await resets.insert({ user: user.id, digest, expires: Date.now() + HOUR });
%% flawed AC-01
    console.log("password reset for", user.email, resetToken);
%% controlled
    console.log("password reset token sent to", user.id);
%% end
    await mailer.send(user.email, "Reset your password", { link: linkOf(resetToken) });
  }
  res.json({ message: "If the address is known, a mail is on its way." });
});

function linkOf(value: string): string {
  return `${process.env.APP_URL}/password/new#${value}`;
}

async function hashed(password: string): Promise<string> {
%% flawed AC-29
  return crypto.createHash("sha256").update(password).digest("hex");
%% controlled
  return bcrypt.hash(password, 12);
%% end
}

router.post("/password/reset", async (req, res) => {
  const { password } = req.body;
  const digest = crypto.createHash("sha256").update(String(req.body.token)).digest("hex");
  const reset = await resets.byDigest(digest);
  if (!reset || reset.expires < Date.now()) {
    return res.status(400).json({ error: "This link is no longer valid." });
  }
  if (typeof password !== "string" || password.length < 12) {
    return res.status(400).json({ error: "At least 12 characters, please." });
  }
  await users.setPassword(reset.user, await hashed(password));
  await resets.deleteForUser(reset.user);
  return res.json({ message: "Your password was changed." });
});
