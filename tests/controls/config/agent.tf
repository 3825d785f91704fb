resource "aws_iam_role" "agent" {
  name               = "agent"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

%% flawed AC-44
resource "aws_iam_user" "agent" {
  name = "agent"
}

resource "aws_iam_access_key" "agent" {
  user = aws_iam_user.agent.name
}
%% controlled
resource "aws_eks_pod_identity_association" "agent" {
  cluster_name    = var.cluster
  namespace       = "agents"
  service_account = "agent"
  role_arn        = aws_iam_role.agent.arn
}
%% end

resource "aws_iam_role_policy" "models" {
  role   = aws_iam_role.agent.id
  policy = data.aws_iam_policy_document.models.json
}

data "aws_iam_policy_document" "models" {
  statement {
    actions   = ["bedrock:InvokeModel"]
    resources = ["arn:aws:bedrock:*::foundation-model/*"]
  }
}
