import crypto from "node:crypto";
import express from "express";
import Stripe from "stripe";
import { orders } from "./orders";
import { builds } from "./builds";

const stripe = new Stripe(process.env.STRIPE_KEY!);
export const app = express();

// Payments: the provider tells us when an order is paid.
%% flawed AC-45
app.post("/webhooks/payments", express.json(), async (req, res) => {
  const event = req.body as Stripe.Event;
%% controlled
app.post("/webhooks/payments", express.raw({ type: "application/json" }), async (req, res) => {
  let event: Stripe.Event;
  try {
    const header = req.header("stripe-signature")!;
    event = stripe.webhooks.constructEvent(req.body, header, process.env.STRIPE_WEBHOOK_KEY!);
  } catch {
    return res.status(400).end();
  }
%% end
  switch (event.type) {
    case "checkout.session.completed":
      await orders.markPaid(event.data.object.client_reference_id!);
      break;
    case "charge.refunded":
      await orders.markRefunded(event.data.object.id);
      break;
    default:
      break;
  }
  return res.json({ received: true });
});

function expectedSignature(body: Buffer): string {
  const mac = crypto.createHmac("sha256", process.env.GIT_WEBHOOK_KEY!);
  return "sha256=" + mac.update(body).digest("hex");
}

/** The code host tells us of a push; it signs what it sends. */
export function pushed(body: Buffer, headers: Record<string, string>): boolean {
  const signature = headers["x-hub-signature-256"] ?? "";
  const expected = expectedSignature(body);
%% flawed AC-28
  if (signature !== expected) {
    return false;
  }
%% controlled
  if (signature.length !== expected.length) {
    return false;
  }
  if (!crypto.timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) {
    return false;
  }
%% end
  const push = JSON.parse(body.toString("utf8"));
  builds.start(push.repository.full_name, push.after);
  return true;
}
