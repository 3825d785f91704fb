<?php

declare(strict_types=1);

namespace Acme\Shop\Http;

use Acme\Shop\Models\User;
use Firebase\JWT\JWT;
use Firebase\JWT\Key;
use Psr\Log\LoggerInterface;

/** Sign-in, registration and the client of the billing service. */
final class AuthController
{
    public function __construct(private LoggerInterface $logger, private Sessions $sessions)
    {
    }

    public function login(): string
    {
        $state = bin2hex(random_bytes(16));
        $_SESSION['oauth_attempt'] = $state;
        return 'https://idp.acme.io/authorize?' . http_build_query([
            'client_id' => getenv('OAUTH_CLIENT_ID'),
            'response_type' => 'code',
            'state' => $state,
            'code_challenge' => challenge(),
            'code_challenge_method' => 'S256',
        ]);
    }

    public function callback(): void
    {
%% flawed AC-17
        $code = $_GET['code'];
%% controlled
        if (!hash_equals($_SESSION['oauth_attempt'] ?? '', $_GET['state'] ?? '')) {
            throw new BadRequest('the answer belongs to no request of ours');
        }
        $code = $_GET['code'];
%% end
        $this->sessions->start($this->exchange($code));
    }

    public function register(string $email, string $password): User
    {
%% flawed AC-29
        $hash = md5($password);
%% controlled
        $hash = password_hash($password, PASSWORD_ARGON2ID);
%% end
%% flawed AC-01
        error_log("registered $email: " . $password);
%% controlled
        error_log("registered $email");
%% end
        return User::create(['email' => $email, 'password_hash' => $hash]);
    }

    public function token(User $user): string
    {
%% flawed AC-10
        $payload = ['sub' => $user->id, 'iat' => time()];
        return JWT::encode($payload, getenv('JWT_KEY'), 'HS256');
%% controlled
        $payload = ['sub' => $user->id, 'iat' => time(), 'exp' => time() + 900];
        return JWT::encode($payload, getenv('JWT_KEY'), 'HS256');
%% end
    }

    public function forgot(User $user): string
    {
%% flawed AC-30
        $resetToken = uniqid();
%% controlled
        $resetToken = bin2hex(random_bytes(32));
%% end
        return $resetToken;
    }

    public function remember(string $id): void
    {
%% flawed AC-24
        setcookie('session_id', $id, time() + 28800, '/');
%% controlled
        setcookie('session_id', $id, [
            'expires' => time() + 28800,
            'path' => '/',
            'httponly' => true,
            'secure' => true,
            'samesite' => 'Lax',
        ]);
%% end
    }

    public function hook(string $body, string $signature): bool
    {
        $expected = hash_hmac('sha256', $body, getenv('HOOK_KEY'));
%% flawed AC-28
        return $signature === $expected;
%% controlled
        return hash_equals($expected, $signature);
%% end
    }

    private function exchange(string $code): array
    {
        $curl = curl_init('https://idp.acme.io/token');
        curl_setopt($curl, CURLOPT_POSTFIELDS, ['grant_type' => 'authorization_code', 'code' => $code]);
        curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
%% flawed AC-27
        curl_setopt($curl, CURLOPT_SSL_VERIFYPEER, false);
%% controlled
        curl_setopt($curl, CURLOPT_SSL_VERIFYPEER, true);
%% end
%% flawed AC-03
        curl_setopt($curl, CURLOPT_VERBOSE, true);
%% controlled
        curl_setopt($curl, CURLOPT_VERBOSE, false);
%% end
        return json_decode(curl_exec($curl), true);
    }

    public function debug(): void
    {
%% flawed AC-02
        error_log(print_r($_SERVER, true));
%% controlled
        error_log($_SERVER['REQUEST_METHOD'] . ' ' . $_SERVER['REQUEST_URI']);
%% end
    }

    public function isAdmin(?User $user): bool
    {
%% flawed AC-46
        if ($_POST['is_admin']) {
            return true;
        }
%% controlled
        if ($user !== null && $user->role === 'admin') {
            return true;
        }
%% end
        return false;
    }
}
