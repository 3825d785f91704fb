const { Provider } = require("oidc-provider");
const jwt = require("jwt-simple");
const { accounts, adapter } = require("./storage");

// Our own OpenID provider for partners, and the old tokens of the first
// version, which some of them still send.

const configuration = {
  adapter,
  clients: [],
  scopes: ["openid", "email", "offline_access"],
  features: {
    devInteractions: { enabled: false },
    revocation: { enabled: true },
    introspection: { enabled: true },
  },
  ttl: {
    AccessToken: 15 * 60,
    RefreshToken: 14 * 24 * 60 * 60,
    Session: 8 * 60 * 60,
  },
%% flawed AC-21
  rotateRefreshToken: false,
%% controlled
  rotateRefreshToken: true,
%% end
  cookies: { keys: process.env.COOKIE_KEYS.split(",") },
  async findAccount(ctx, id) {
    const account = await accounts.byId(id);
    return account && { accountId: id, claims: () => ({ sub: id, email: account.email }) };
  },
};

const provider = new Provider(process.env.ISSUER, configuration);

/** What an old token says; its key was changed in the spring. */
function legacy(token) {
  const key = process.env.LEGACY_KEY;
%% flawed AC-04
  const claims = jwt.decode(token, key, true);
%% controlled
  const claims = jwt.decode(token, key, false, "HS256");
%% end
  if (!claims.exp || claims.exp * 1000 < Date.now()) {
    throw new Error("expired");
  }
  return accounts.byId(claims.sub);
}

provider.use(async (ctx, next) => {
  const old = ctx.get("x-legacy-token");
  if (old) {
    ctx.state.account = await legacy(old);
  }
  await next();
});

provider.listen(process.env.PORT || 4000);

module.exports = { provider, legacy };
