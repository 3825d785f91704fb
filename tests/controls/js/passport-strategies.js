const passport = require("passport");
const { Strategy: JwtStrategy, ExtractJwt } = require("passport-jwt");
const { BearerStrategy } = require("passport-azure-ad");
const GoogleStrategy = require("passport-google-oauth20").Strategy;
const { accounts } = require("./accounts");

// Three ways to prove who you are: our own JWT, the company's directory,
// and Google for customers.

passport.use(
  new JwtStrategy(
    {
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
%% flawed AC-12
      secretOrKey: "our-jwt-signing-word",
%% controlled
      secretOrKey: process.env.JWT_SIGNING_KEY,
%% end
      algorithms: ["HS256"],
      issuer: "accounts",
%% flawed AC-09
      ignoreExpiration: true,
%% controlled
      ignoreExpiration: false,
%% end
    },
    async (payload, done) => {
      try {
        const account = await accounts.byId(payload.sub);
        return account ? done(null, account) : done(null, false);
      } catch (error) {
        return done(error, false);
      }
    },
  ),
);

passport.use(
  new BearerStrategy(
    {
      identityMetadata: `https://login.microsoftonline.com/${process.env.TENANT_ID}/v2.0/.well-known/openid-configuration`,
      clientID: process.env.AZURE_CLIENT_ID,
%% flawed AC-08
      validateIssuer: false,
%% controlled
      validateIssuer: true,
%% end
      audience: process.env.AZURE_AUDIENCE,
      loggingLevel: "warn",
      passReqToCallback: false,
    },
    (claims, done) => done(null, { id: claims.oid, name: claims.name }, claims),
  ),
);

passport.use(
  new GoogleStrategy(
    {
      clientID: process.env.GOOGLE_CLIENT_ID,
      clientSecret: process.env.GOOGLE_CLIENT_SECRET,
      callbackURL: "/auth/google/callback",
      state: true,
    },
    (accessToken, refreshToken, profile, done) =>
      accounts.findOrCreate({ googleId: profile.id }).then((account) => done(null, account), done),
  ),
);

module.exports = passport;
