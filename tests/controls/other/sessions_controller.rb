# frozen_string_literal: true

# Sign-in, password reset and webhooks of the shop (Rails).
class SessionsController < ApplicationController
  skip_before_action :authenticate, only: %i[create callback hook]

%% flawed AC-13
  SIGNING_KEY = ENV.fetch("JWT_SECRET", "development-word")
%% controlled
  SIGNING_KEY = ENV.fetch("JWT_SECRET")
%% end

  def create
    user = User.find_by(email: params[:email])
    return head :unauthorized unless user&.authenticate(params[:password])

%% flawed AC-01
    logger.info "signed in #{user.email} with #{params[:password]}"
%% controlled
    logger.info "signed in #{user.id}"
%% end
%% flawed AC-24
    cookies[:session_token] = { value: sign(user), httponly: false }
%% controlled
    cookies[:session_token] = { value: sign(user), httponly: true, secure: true, same_site: :lax }
%% end
    redirect_to root_path
  end

  def callback
%% flawed AC-17
    tokens = exchange(params[:code])
%% controlled
    unless ActiveSupport::SecurityUtils.secure_compare(session.delete(:state).to_s, params[:state].to_s)
      return head :bad_request
    end
    tokens = exchange(params[:code])
%% end
    sign_in(User.from_oauth(tokens))
  end

  def hook
    body = request.raw_post
    signature = request.headers["X-Hub-Signature-256"].to_s
    expected = "sha256=#{OpenSSL::HMAC.hexdigest('SHA256', ENV.fetch('HOOK_KEY'), body)}"
%% flawed AC-28
    return head :forbidden unless signature == expected
%% controlled
    return head :forbidden unless ActiveSupport::SecurityUtils.secure_compare(signature, expected)
%% end
    Build.start(JSON.parse(body))
    head :accepted
  end

  def forgot
    user = User.find_by(email: params[:email])
%% flawed AC-30
    reset_code = rand(100_000..999_999).to_s
%% controlled
    reset_code = SecureRandom.random_number(1_000_000).to_s.rjust(6, "0")
%% end
    ResetMailer.with(user:, code: reset_code).deliver_later if user
    head :accepted
  end

  private

  def sign(user)
    payload = { sub: user.id, exp: 8.hours.from_now.to_i }
    JWT.encode(payload, SIGNING_KEY, "HS256")
  end

  def claims(token)
%% flawed AC-04
    JWT.decode(token, nil, false).first
%% controlled
    JWT.decode(token, SIGNING_KEY, true, algorithm: "HS256").first
%% end
  end

  def exchange(code)
    http = Net::HTTP.new("idp.acme.io", 443)
    http.use_ssl = true
%% flawed AC-27
    http.verify_mode = OpenSSL::SSL::VERIFY_NONE
%% controlled
    http.verify_mode = OpenSSL::SSL::VERIFY_PEER
%% end
    form = { grant_type: "authorization_code", code:, client_id: ENV.fetch("OAUTH_CLIENT_ID") }
    JSON.parse(http.post("/token", URI.encode_www_form(form)).body)
  end

  def require_admin
%% flawed AC-46
    head :forbidden unless request.headers["X-User-Role"] == "admin"
%% controlled
    head :forbidden unless current_user&.admin?
%% end
  end
end
