import https from "node:https";
import axios, { AxiosInstance } from "axios";
import { readFileSync } from "node:fs";

/** Client of the billing service, used by the other services inside the cluster. */

%% flawed AC-13
const clientSecret = process.env.BILLING_CLIENT_SECRET || "billing-dev-only";
%% controlled
const clientSecret = process.env.BILLING_CLIENT_SECRET;
if (!clientSecret) {
  throw new Error("BILLING_CLIENT_SECRET is not set");
}
%% end

const BASE = process.env.BILLING_URL ?? "https://billing.acme.io";

const agent = new https.Agent({
  keepAlive: true,
%% flawed AC-27
  rejectUnauthorized: false,
%% controlled
  ca: readFileSync("/etc/ssl/acme/ca.pem"),
%% end
});

const http: AxiosInstance = axios.create({ baseURL: BASE, httpsAgent: agent, timeout: 5000 });

let cached: { token: string; until: number } | undefined;

async function accessToken(): Promise<string> {
  if (cached && cached.until > Date.now() + 30_000) {
    return cached.token;
  }
  const form = new URLSearchParams({ grant_type: "client_credentials", scope: "invoices:read" });
%% flawed AC-26
  const url = "http://auth.acme.io/oauth/token";
%% controlled
  const url = "https://auth.acme.io/oauth/token";
%% end
  const { data } = await http.post(url, form, {
    auth: { username: "billing-client", password: clientSecret },
  });
  cached = { token: data.access_token, until: Date.now() + data.expires_in * 1000 };
  return cached.token;
}

export interface Invoice {
  id: string;
  total: number;
}

export async function invoices(customer: string): Promise<Invoice[]> {
  const token = await accessToken();
%% flawed AC-25
  const { data } = await http.get(`/customers/${customer}/invoices?access_token=${token}`);
%% controlled
  const { data } = await http.get(`/customers/${customer}/invoices`, {
    headers: { Authorization: `Bearer ${token}` },
  });
%% end
  return data.items;
}

export async function pages(customer: string, pageToken: string): Promise<Invoice[]> {
  const { data } = await http.get(`/customers/${customer}/invoices?page_token=${pageToken}`, {
    headers: { Authorization: `Bearer ${await accessToken()}` },
  });
  return data.items;
}
