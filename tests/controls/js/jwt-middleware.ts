import { NextFunction, Request, Response } from "express";
import jwt, { JwtPayload } from "jsonwebtoken";
import { readFileSync } from "node:fs";

/**
 * JWT middleware: reads the bearer token of a request and puts the claims
 * into `req.user`.
 */

const PUBLIC_KEY = readFileSync(process.env.JWT_PUBLIC_KEY_FILE!);

declare global {
  namespace Express {
    interface Request {
      user?: JwtPayload;
    }
  }
}

function bearer(req: Request): string | undefined {
  const header = req.header("authorization") ?? "";
  const [scheme, token] = header.split(" ");
  return scheme?.toLowerCase() === "bearer" ? token : undefined;
}

export function requireUser(req: Request, res: Response, next: NextFunction) {
  const token = bearer(req);
  if (!token) {
    return res.status(401).json({ error: "missing bearer token" });
  }
  try {
%% flawed AC-07
    req.user = jwt.verify(token, PUBLIC_KEY) as JwtPayload;
%% controlled
    req.user = jwt.verify(token, PUBLIC_KEY, { algorithms: ["RS256"] }) as JwtPayload;
%% end
    return next();
  } catch (error) {
    return res.status(401).json({ error: "invalid token" });
  }
}

export function optionalUser(req: Request, res: Response, next: NextFunction) {
  const token = bearer(req);
  if (!token) {
    return next();
  }
  try {
    req.user = jwt.verify(token, PUBLIC_KEY, { algorithms: ["RS256"] }) as JwtPayload;
    next();
%% flawed AC-33
  } catch (error) {
    next();
  }
%% controlled
  } catch (error) {
    res.status(401).json({ error: "invalid token" });
  }
%% end
}

export function requireScope(scope: string) {
  return (req: Request, res: Response, next: NextFunction) => {
    const scopes: string[] = (req.user?.scope ?? "").split(" ");
    if (!scopes.includes(scope)) {
      return res.status(403).json({ error: `scope ${scope} is missing` });
    }
    return next();
  };
}
