"""Settings of the shop (Django 4, Django REST framework, simplejwt)."""

import os
from datetime import timedelta
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

%% flawed AC-14
SECRET_KEY = "please-change-this-word"
%% controlled
SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
%% end

DEBUG = os.environ.get("DJANGO_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "").split(",")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "shop",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("DB_NAME", "shop"),
        "USER": os.environ.get("DB_USER", "shop"),
%% flawed AC-13
        "PASSWORD": os.environ.get("DB_PASSWORD", "shop-password"),
%% controlled
        "PASSWORD": os.environ["DB_PASSWORD"],
%% end
        "HOST": os.environ.get("DB_HOST", "localhost"),
        "PORT": os.environ.get("DB_PORT", "5432"),
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
}

SIMPLE_JWT = {
%% flawed AC-11
    "ACCESS_TOKEN_LIFETIME": timedelta(days=365),
%% controlled
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=10),
%% end
    "REFRESH_TOKEN_LIFETIME": timedelta(days=14),
%% flawed AC-21
    "ROTATE_REFRESH_TOKENS": False,
%% controlled
    "ROTATE_REFRESH_TOKENS": True,
%% end
    "BLACKLIST_AFTER_ROTATION": True,
    "ALGORITHM": "RS256",
    "SIGNING_KEY": os.environ.get("JWT_PRIVATE_KEY"),
    "VERIFYING_KEY": os.environ.get("JWT_PUBLIC_KEY"),
}

SECURE_HSTS_SECONDS = 31536000
SECURE_SSL_REDIRECT = not DEBUG

%% flawed AC-24
SESSION_COOKIE_SECURE = False
%% controlled
SESSION_COOKIE_SECURE = True
%% end
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = True

STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
