using System.Net.Http;
using System.Security.Cryptography;
using System.Text;
using Duende.IdentityServer.Models;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;

namespace Acme.Shop;

public static class Startup
{
    public static void Configure(WebApplicationBuilder builder)
    {
        var key = builder.Configuration["Jwt:SigningKey"]!;
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme)
            .AddJwtBearer(options =>
            {
                options.TokenValidationParameters = new TokenValidationParameters
                {
                    ValidIssuer = "https://accounts.acme.io",
                    ValidAudience = "shop",
%% flawed AC-08
                    ValidateAudience = false,
%% controlled
                    ValidateAudience = true,
%% end
%% flawed AC-09
                    ValidateLifetime = false,
%% controlled
                    ValidateLifetime = true,
%% end
%% flawed AC-04
                    ValidateIssuerSigningKey = false,
%% controlled
                    ValidateIssuerSigningKey = true,
%% end
                    IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key)),
                };
            });
        builder.Services.AddCors(options => options.AddDefaultPolicy(policy => policy
%% flawed AC-31
            .SetIsOriginAllowed(origin => true)
%% controlled
            .WithOrigins("https://app.acme.io")
%% end
            .AllowAnyHeader()
            .AllowCredentials()));
    }

    public static Client Partner(string hashed) => new()
    {
        ClientId = "partner",
        ClientSecrets = { new Secret(hashed) },
        AllowedGrantTypes = GrantTypes.Code,
        RequirePkce = true,
        AllowOfflineAccess = true,
%% flawed AC-21
        RefreshTokenUsage = TokenUsage.ReUse,
%% controlled
        RefreshTokenUsage = TokenUsage.OneTimeOnly,
%% end
    };

    public static HttpClient Billing()
    {
        var handler = new HttpClientHandler();
%% flawed AC-27
        handler.ServerCertificateCustomValidationCallback = (message, certificate, chain, errors) => true;
%% controlled
        handler.CheckCertificateRevocationList = true;
%% end
        return new HttpClient(handler) { BaseAddress = new Uri("https://billing.acme.io") };
    }

    public static void SignIn(HttpResponse response, ILogger logger, string user, string accessToken)
    {
%% flawed AC-01
        logger.LogInformation("signed in {User} with {Token}", user, accessToken);
%% controlled
        logger.LogInformation("signed in {User}", user);
%% end
%% flawed AC-24
        response.Cookies.Append("session_token", accessToken, new CookieOptions { HttpOnly = false });
%% controlled
        response.Cookies.Append("session_token", accessToken, new CookieOptions
        {
            HttpOnly = true,
            Secure = true,
            SameSite = SameSiteMode.Lax,
        });
%% end
    }

    public static string Hash(string password)
    {
%% flawed AC-29
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(password)));
%% controlled
        return BCrypt.Net.BCrypt.HashPassword(password, 12);
%% end
    }

    public static string ResetCode()
    {
%% flawed AC-30
        var resetCode = new Random().Next(100000, 999999).ToString();
%% controlled
        var resetCode = RandomNumberGenerator.GetInt32(100000, 999999).ToString();
%% end
        return resetCode;
    }

    public static bool Signed(string signature, string expected)
    {
%% flawed AC-28
        return signature == expected;
%% controlled
        return CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(signature), Encoding.ASCII.GetBytes(expected));
%% end
    }

    public static string DatabasePassword()
    {
%% flawed AC-13
        return Environment.GetEnvironmentVariable("DB_PASSWORD") ?? "shop-password";
%% controlled
        return Environment.GetEnvironmentVariable("DB_PASSWORD") ?? throw new InvalidOperationException("DB_PASSWORD");
%% end
    }
}
