//! `patterns/schema.json`: the form of a pattern file in JSON Schema (draft 7,
//! which editors of TOML read), for completion and for marking mistakes while
//! they are typed. The words come from the engine's own lists; what each field
//! means is said here and only here, and the tests hold the schema against the
//! reader of pattern files, which has the last word.

use keysieve::{Check, Confidence, Kind, Lifetime, Severity};
use serde_json::{Map, Value, json};

/// A word that a field may hold, and what it means.
pub type Word = (&'static str, &'static str);

/// The severities, the worst first.
pub fn severities() -> Vec<Word> {
    let meaning = |severity| match severity {
        Severity::Critical => "access to everything of an account",
        Severity::High => "access to data or money",
        Severity::Medium => "limited in scope or in time",
        Severity::Low => "public by design, or of little use alone",
    };
    Severity::ALL.into_iter().rev().map(|s| (s.name(), meaning(s))).collect()
}

/// The confidences, the surest first.
pub fn confidences() -> Vec<Word> {
    let meaning = |confidence| match confidence {
        Confidence::Certain => "a distinctive shape, or an offline proof",
        Confidence::Likely => "shape and surroundings agree",
        Confidence::Weak => "the shape alone; worth a look in an audit",
    };
    [Confidence::Certain, Confidence::Likely, Confidence::Weak]
        .map(|c| (c.name(), meaning(c)))
        .to_vec()
}

/// The lifetime classes.
pub fn lifetimes() -> Vec<Word> {
    Lifetime::ALL.map(|lifetime| (lifetime.name(), lifetime.describe())).to_vec()
}

fn kinds() -> Vec<Word> {
    let meaning = |kind| match kind {
        Kind::Token => "a token of a fixed shape",
        Kind::Value => "the whole value assigned to a name of the context",
        Kind::Scored => {
            "the value given to a name of the context, where the model takes it for a secret"
        }
        Kind::Userinfo => "the password in scheme://user:password@host",
        Kind::Block => "lines between a begin and an end",
    };
    Kind::ALL.map(|kind| (kind.name(), meaning(kind))).to_vec()
}

fn checks() -> Vec<Word> {
    Check::ALL.iter().map(|check| (check.name(), check.describe())).collect()
}

/// What a second part that is missing does to a finding.
const MISSING: [Word; 2] = [("weak", "the finding becomes weak"), ("drop", "there is no finding")];

/// What a field may hold.
enum Form {
    /// A text that is not empty.
    Text,
    /// A text of this expression and at most so many characters.
    Shaped(&'static str, u32),
    /// One of these words.
    OneOf(Vec<Word>),
    /// At least so many texts.
    Texts(u32),
    /// A whole number from one to another, and its default.
    Whole(u32, u32, Option<u32>),
    /// A number from 0 to the one given.
    Number(u32),
    /// Yes or no; no is the default.
    Flag,
    /// A table of these fields.
    Table(Vec<Field>),
    /// At least one table of the form that stands under this name.
    Tables(&'static str),
}

/// One field: its name, whether it must be there, what it holds and means.
struct Field(&'static str, bool, Form, &'static str);

const URL: &str = r"^https?://\S+$";

fn file_fields() -> Vec<Field> {
    use Form::{Shaped, Tables, Text};
    vec![
        Field("provider", true, Text, "The provider: the name of this file without .toml."),
        Field(
            "rotate",
            true,
            Shaped(URL, 2048),
            "The page on which credentials of this provider are revoked.",
        ),
        Field(
            "rule",
            true,
            Tables("rule"),
            "What to look for; each [[rule]] is one kind of credential.",
        ),
    ]
}

fn rule_fields() -> Vec<Field> {
    let mut fields = meaning_fields();
    fields.extend(shape_fields());
    fields.extend(proof_fields());
    fields
}

/// What a rule tells people.
fn meaning_fields() -> Vec<Field> {
    use Form::{OneOf, Shaped, Text};
    vec![
        Field(
            "id",
            true,
            Shaped("^[a-z0-9-]*[a-z0-9]$", 64),
            "The stable name: the provider, a dash and more. It is never given to another rule.",
        ),
        Field("title", true, Text, "What the credential is, in words."),
        Field("severity", true, OneOf(severities()), "How bad a leak is."),
        Field("confidence", true, OneOf(confidences()), "How sure a finding is before any proof."),
        Field("lifetime", true, OneOf(lifetimes()), "How long such a credential lives."),
        Field(
            "duration",
            false,
            Shaped("^[0-9]{1,9}[smhdy]$", 10),
            "The documented duration: a number with s, m, h, d or y behind it.",
        ),
        Field("source", true, Shaped(URL, 2048), "The page that proves the shape."),
        Field(
            "rotate",
            false,
            Shaped(URL, 2048),
            "The page on which this credential is revoked, where it is not the file's.",
        ),
    ]
}

/// What a rule looks for.
fn shape_fields() -> Vec<Field> {
    use Form::{OneOf, Text, Whole};
    vec![
        Field("kind", false, OneOf(kinds()), "What is looked for; token unless it is said."),
        Field(
            "token",
            false,
            Text,
            "The expression of the secret alone: classes of ASCII, bounded repeats, (?:…) and |. No anchors, groups, dots or negated classes; boundaries are derived.",
        ),
        Field("begin", false, Text, "The expression with which a block begins."),
        Field("end", false, Text, "The expression with which a block ends."),
        Field("max", false, Whole(64, 262_144, None), "The greatest length of a block, in bytes."),
        Field(
            "context",
            false,
            Form::Table(context_fields()),
            "Words of which one must stand in front of the token.",
        ),
    ]
}

/// What confirms a rule, and its examples.
fn proof_fields() -> Vec<Field> {
    use Form::{Number, OneOf, Texts};
    vec![
        Field(
            "entropy",
            false,
            Number(8),
            "The least Shannon entropy behind the fixed prefix, in bits per byte.",
        ),
        Field("check", false, OneOf(checks()), "The offline check of the token."),
        Field(
            "requires",
            false,
            Form::Table(requires_fields()),
            "The second part without which this one is worth less.",
        ),
        Field(
            "match",
            true,
            Texts(2),
            "Templates of texts in which the rule must find the token; at least one spells its own classes instead of ${token}.",
        ),
        Field(
            "no_match",
            true,
            Texts(2),
            "Templates of texts in which the rule must find nothing.",
        ),
    ]
}

fn context_fields() -> Vec<Field> {
    use Form::{Flag, Texts, Whole};
    vec![
        Field(
            "words",
            true,
            Texts(1),
            "The words, in any case; for kind userinfo the schemes with ://.",
        ),
        Field(
            "within",
            false,
            Whole(0, 1024, Some(64)),
            "How many bytes may lie between a word and the token.",
        ),
        Field(
            "assignment",
            false,
            Flag,
            "Whether the token must be the value assigned to a name that holds the word.",
        ),
    ]
}

fn requires_fields() -> Vec<Field> {
    use Form::{OneOf, Text, Whole};
    vec![
        Field("rule", true, Text, "The id of the second part's rule."),
        Field(
            "within",
            false,
            Whole(0, 4096, Some(512)),
            "How many bytes may lie between the two parts, before or behind.",
        ),
        Field(
            "missing",
            false,
            OneOf(MISSING.to_vec()),
            "What happens without the second part; weak unless it is said.",
        ),
    ]
}

/// The schema as a document.
pub fn document() -> Value {
    let mut rule = table(rule_fields());
    rule["allOf"] = json!([
        {
            "if": kind_is(&[Kind::Block]),
            "then": { "required": ["begin", "end", "max"], "properties": { "token": false } },
            "else": {
                "required": ["token"],
                "properties": { "begin": false, "end": false, "max": false },
            },
        },
        { "if": kind_is(&[Kind::Value, Kind::Userinfo, Kind::Scored]), "then": { "required": ["context"] } },
    ]);
    let mut schema = table(file_fields());
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    schema["$comment"] = json!(format!("Written by `{}`; do not edit.", crate::rules::RENEW));
    schema["title"] = json!("keysieve pattern file");
    schema["description"] = json!("The rules for the credentials of one provider.");
    schema["definitions"] = json!({ "rule": rule });
    // One order, whether or not another crate of the build asks for objects
    // that keep theirs.
    schema.sort_all_objects();
    schema
}

/// The schema as the file holds it.
pub fn text() -> String {
    format!("{:#}\n", document())
}

/// Holds where `kind` is there and one of these.
fn kind_is(kinds: &[Kind]) -> Value {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    json!({ "required": ["kind"], "properties": { "kind": { "enum": names } } })
}

fn table(fields: Vec<Field>) -> Value {
    let required: Vec<&str> = fields.iter().filter(|field| field.1).map(|field| field.0).collect();
    let mut properties = Map::new();
    for Field(name, _, form, description) in fields {
        let mut property = form_schema(form);
        property["description"] = json!(description);
        properties.insert(name.to_owned(), property);
    }
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

fn form_schema(form: Form) -> Value {
    match form {
        // Not only spaces.
        Form::Text => json!({ "type": "string", "pattern": r"\S" }),
        Form::Shaped(pattern, most) => {
            json!({ "type": "string", "pattern": pattern, "maxLength": most })
        }
        Form::OneOf(words) => {
            let (names, meanings): (Vec<&str>, Vec<&str>) = words.into_iter().unzip();
            // The second is where Taplo looks for what each word means.
            json!({ "type": "string", "enum": names, "x-taplo": { "docs": { "enumValues": meanings } } })
        }
        Form::Texts(least) => {
            json!({ "type": "array", "items": { "type": "string" }, "minItems": least })
        }
        Form::Whole(least, most, default) => {
            let mut schema = json!({ "type": "integer", "minimum": least, "maximum": most });
            if let Some(default) = default {
                schema["default"] = json!(default);
            }
            schema
        }
        Form::Number(most) => json!({ "type": "number", "minimum": 0, "maximum": most }),
        Form::Flag => json!({ "type": "boolean", "default": false }),
        Form::Table(fields) => table(fields),
        Form::Tables(name) => {
            let items = json!({ "$ref": format!("#/definitions/{name}") });
            json!({ "type": "array", "minItems": 1, "items": items })
        }
    }
}

#[cfg(test)]
mod tests;
