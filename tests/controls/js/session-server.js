const express = require("express");
const session = require("express-session");
const RedisStore = require("connect-redis").default;
const { createClient } = require("redis");
const bcrypt = require("bcrypt");
const { findByEmail } = require("./users");
const { signSession, sessions } = require("./sessions");

const app = express();
const redis = createClient({ url: process.env.REDIS_URL });
redis.connect().catch(console.error);

app.set("trust proxy", 1);
app.use(express.urlencoded({ extended: false }));

app.use(
  session({
    store: new RedisStore({ client: redis, prefix: "app:" }),
    name: "sid",
%% flawed AC-14
    secret: "keyboard cat",
%% controlled
    secret: process.env.SESSION_SECRET,
%% end
    resave: false,
    saveUninitialized: false,
    cookie: {
%% flawed AC-24
      httpOnly: false,
%% controlled
      httpOnly: true,
%% end
      secure: true,
      sameSite: "lax",
      maxAge: 1000 * 60 * 60 * 8,
    },
  }),
);

app.post("/login", async (req, res) => {
  const user = await findByEmail(req.body.email);
  if (!user || !(await bcrypt.compare(req.body.password, user.passwordHash))) {
    return res.status(401).render("login", { message: "Wrong e-mail or password" });
  }
  const value = await signSession(user);
%% flawed AC-24
  res.cookie("session_token", value, { maxAge: 8 * 3600 * 1000, path: "/" });
%% controlled
  res.cookie("session_token", value, {
    maxAge: 8 * 3600 * 1000,
    path: "/",
    httpOnly: true,
    secure: true,
    sameSite: "lax",
  });
%% end
  res.cookie("theme", user.theme || "light");
  return res.redirect("/");
});

%% flawed AC-22
app.post("/logout", (req, res) => {
  res.clearCookie("session_token");
  res.redirect("/login");
});
%% controlled
app.post("/logout", async (req, res) => {
  await sessions.revoke(req.cookies.session_token);
  req.session.destroy(() => {
    res.clearCookie("session_token");
    res.redirect("/login");
  });
});
%% end

app.get("/", (req, res) => {
  if (!req.session.user) {
    return res.redirect("/login");
  }
  return res.render("home", { user: req.session.user });
});

app.listen(process.env.PORT || 3000);
