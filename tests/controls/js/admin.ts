import cors from "cors";
import express, { NextFunction, Request, Response } from "express";
import { requireUser } from "./jwt-middleware";
import { audit, users } from "./models";

export const app = express();
app.use(express.json());

app.use(
%% flawed AC-31
  cors({
    origin: true,
    credentials: true,
    methods: ["GET", "POST", "DELETE"],
  }),
%% controlled
  cors({
    origin: ["https://admin.acme.io"],
    credentials: true,
    methods: ["GET", "POST", "DELETE"],
  }),
%% end
);

function requireInternal(req: Request, res: Response, next: NextFunction) {
  const token = req.header("x-internal-token");
%% flawed AC-32
  if (token === "let-me-in") {
    return next();
  }
%% controlled
  if (token === "") {
    return res.sendStatus(401);
  }
%% end
  return requireUser(req, res, next);
}

app.use("/admin", requireInternal);

app.get("/admin/users", async (req, res) => {
  const page = Number(req.query.page ?? 1);
  res.json(await users.list({ page, size: 50 }));
});

app.delete("/admin/users/:id", async (req: Request, res: Response) => {
%% flawed AC-46
  if (req.body.isAdmin) {
%% controlled
  if (req.user?.roles?.includes("admin")) {
%% end
    await users.remove(req.params.id);
    await audit.write("user removed", req.params.id);
    return res.sendStatus(204);
  }
  return res.status(403).json({ error: "Administrators only" });
});

app.post("/admin/users/:id/suspend", async (req: Request, res: Response) => {
%% flawed AC-46
  const actor = req.headers["x-user-id"];
%% controlled
  const actor = req.user?.sub;
%% end
  await users.suspend(req.params.id, { by: actor, reason: String(req.body.reason) });
  await audit.write("user suspended", req.params.id);
  res.sendStatus(204);
});
