import axios from "axios";
import { randomUUID } from "node:crypto";
import { NextFunction, Request, Response } from "express";
import pino from "pino";
%% flawed AC-03
import "axios-debug-log/enable";
%% controlled
import { traceAxios } from "./tracing";

traceAxios(axios, { headers: false });
%% end

export const logger = pino({
  level: process.env.LOG_LEVEL ?? "info",
  base: { service: "checkout" },
});

/** Writes one line for each request, with what is needed to follow it. */
export function logRequests(req: Request, res: Response, next: NextFunction) {
  const id = req.header("x-request-id") ?? randomUUID();
  const started = process.hrtime.bigint();
  res.setHeader("x-request-id", id);

%% flawed AC-02
  logger.debug({ id }, "incoming %s %s %o", req.method, req.path, req.headers);
%% controlled
  logger.debug({ id }, "incoming %s %s %s", req.method, req.path, req.headers["user-agent"]);
%% end

  res.on("finish", () => {
    const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
    logger.info({ id, status: res.statusCode, milliseconds }, "%s %s", req.method, req.path);
  });
  next();
}

export function logStart(port: number): void {
%% flawed AC-02
  console.log("starting with", process.env);
%% controlled
  console.log("starting in", process.env.NODE_ENV, "on", port);
%% end
}

export async function exchangeRate(currency: string): Promise<number> {
  const { data } = await axios.get(`${process.env.RATES_URL}/latest/${currency}`);
  logger.info({ currency, rate: data.rate }, "fetched a rate");
  return data.rate;
}

export async function login(user: string, secret: string): Promise<string> {
  const { data } = await axios.post(`${process.env.BANK_URL}/session`, { user, secret });
%% flawed AC-01
  logger.info("signed in at the bank, token " + data.accessToken);
%% controlled
  logger.info("signed in at the bank as %s", user);
%% end
  return data.accessToken;
}
