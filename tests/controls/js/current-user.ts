import { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { db } from "./db";

interface CurrentUser {
  id: string;
  email: string;
  tenant: string;
}

const ISSUER = process.env.AUTH_ISSUER!;
const AUDIENCE = process.env.AUTH_AUDIENCE!;
const keys = createRemoteJWKSet(new URL(`${ISSUER}/.well-known/jwks.json`));

function tokenOf(request: FastifyRequest): string {
  const header = request.headers.authorization;
  if (!header?.startsWith("Bearer ")) {
    throw Object.assign(new Error("Unauthorized"), { statusCode: 401 });
  }
  return header.slice("Bearer ".length);
}

async function currentUser(request: FastifyRequest): Promise<CurrentUser> {
%% flawed AC-05
  const claims = decodeJwt(tokenOf(request));
%% controlled
  const { payload: claims } = await jwtVerify(tokenOf(request), keys, {
    issuer: ISSUER,
    audience: AUDIENCE,
  });
%% end
  return {
    id: String(claims.sub),
    email: String(claims.email),
    tenant: String(claims.tenant),
  };
}

export async function register(app: FastifyInstance): Promise<void> {
  app.decorateRequest("currentUser", null);

  app.addHook("preHandler", async (request: FastifyRequest, reply: FastifyReply) => {
    const user = await currentUser(request);
    const known = await db.users.findUnique({ where: { id: user.id } });
    if (!known || known.suspended) {
      return reply.code(403).send({ error: "This account is suspended" });
    }
    request.currentUser = user;
  });

  app.get("/me", async (request) => {
    const { id, email, tenant } = request.currentUser;
    return { id, email, tenant };
  });

  app.get("/projects", async (request) =>
    db.projects.findMany({ where: { tenant: request.currentUser.tenant } }),
  );
}
