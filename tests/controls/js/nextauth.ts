import NextAuth, { type NextAuthOptions } from "next-auth";
import { PrismaAdapter } from "@auth/prisma-adapter";
import { prisma } from "@/lib/prisma";

const issuer = process.env.IDP_ISSUER!;

export const authOptions: NextAuthOptions = {
  adapter: PrismaAdapter(prisma),
  session: { strategy: "jwt", maxAge: 8 * 60 * 60 },
  providers: [
    {
      id: "company",
      name: "Company login",
      type: "oauth",
      wellKnown: `${issuer}/.well-known/openid-configuration`,
      clientId: process.env.IDP_CLIENT_ID,
      clientSecret: process.env.IDP_CLIENT_SECRET,
      idToken: true,
%% flawed AC-19
      checks: ["none"],
%% controlled
      checks: ["pkce", "state", "nonce"],
%% end
      profile(profile) {
        return { id: profile.sub, name: profile.name, email: profile.email };
      },
    },
  ],
  callbacks: {
    async jwt({ token, account }) {
      if (account) {
        token.provider = account.provider;
      }
      return token;
    },
    async session({ session, token }) {
      return { ...session, user: { ...session.user, id: token.sub } };
    },
  },
  pages: { signIn: "/login", error: "/login/error" },
};

/** The address that the "connect your calendar" button opens. */
export function connectUrl(nonceOfSession: string): string {
%% flawed AC-16
  return `${issuer}/authorize?client_id=${process.env.IDP_CLIENT_ID}&scope=calendar&state=connect`;
%% controlled
  return `${issuer}/authorize?client_id=${process.env.IDP_CLIENT_ID}&scope=calendar&state=${nonceOfSession}`;
%% end
}

const handler = NextAuth(authOptions);
export { handler as GET, handler as POST };
