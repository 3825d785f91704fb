//! The lists that findings of controls are evidence for, as their publishers
//! number and name them.
//!
//! A finding "relates to" an entry; no scan complies with, covers or mitigates
//! one, and there is no score. Entries of which a scanner of files can say
//! nothing are listed too, so that nobody takes silence for a good answer.

use super::Control;

/// When these tables were last compared with what the publishers say.
pub const AS_OF: &str = "2026-11-29";

/// What a scanner of files can say about an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// Findings speak to it directly.
    Directly,
    /// Findings speak to a part of it.
    Partly,
    /// Nothing.
    Nothing,
}

impl Says {
    /// The word that tables print.
    pub fn name(self) -> &'static str {
        match self {
            Says::Directly => "direct",
            Says::Partly => "partial",
            Says::Nothing => "none",
        }
    }
}

/// One entry of a list.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its number in the list.
    pub number: u16,
    /// Its identifier, as it is printed.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What a scanner of files can say about it.
    pub says: Says,
}

/// A published list.
#[derive(Clone, Copy, Debug)]
pub struct Framework {
    /// A short name, for reports.
    pub key: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its edition.
    pub version: &'static str,
    /// Who publishes it.
    pub publisher: &'static str,
    /// Whether it is named only for files of agents and AI code.
    pub agents_only: bool,
    /// Its entries.
    pub entries: &'static [Entry],
}

impl Framework {
    /// The entry with this number.
    pub fn entry(&self, number: u16) -> Option<&'static Entry> {
        self.entries.iter().find(|entry| entry.number == number)
    }

    /// The entry with this identifier.
    pub fn entry_named(&self, id: &str) -> Option<&'static Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// The identifiers of the entries that a control is evidence for.
    pub fn related(&self, control: &Control) -> Vec<&'static str> {
        let numbered = |numbers: &[u16]| -> Vec<&'static str> {
            numbers.iter().filter_map(|n| self.entry(*n)).map(|entry| entry.id).collect()
        };
        match self.key {
            "OWASP-NHI" => numbered(&control.nhi),
            "OWASP-ASI" => numbered(&control.asi),
            "CSA-MAESTRO" => numbered(&control.maestro),
            "NIST-AI-600-1" => numbered(&control.genai),
            _ => {
                let named = control.rmf.iter().filter_map(|name| self.entry_named(name));
                named.map(|entry| entry.id).collect()
            }
        }
    }

    /// What of credentials is evidence for an entry, whatever controls say.
    pub fn credentials(&self, entry: &Entry) -> Option<&'static str> {
        let of = |(key, id, _): &&(&str, &str, &str)| *key == self.key && *id == entry.id;
        CREDENTIALS.iter().find(of).map(|(.., what)| *what)
    }

    /// The lists that are named for a finding: some only for files of agents
    /// and AI code.
    pub fn named(agent: bool) -> impl Iterator<Item = &'static Framework> {
        ALL.into_iter().filter(move |list| agent || !list.agents_only)
    }
}

const fn entry(number: u16, id: &'static str, title: &'static str, says: Says) -> Entry {
    Entry { number, id, title, says }
}

use Says::{Directly, Nothing, Partly};

/// OWASP Non-Human Identities Top 10.
pub const NHI: Framework = Framework {
    key: "OWASP-NHI",
    name: "OWASP Non-Human Identities Top 10",
    version: "2025",
    publisher: "OWASP",
    agents_only: false,
    entries: &[
        entry(1, "NHI1:2025", "Improper Offboarding", Partly),
        entry(2, "NHI2:2025", "Secret Leakage", Directly),
        entry(3, "NHI3:2025", "Vulnerable Third-Party NHI", Partly),
        entry(4, "NHI4:2025", "Insecure Authentication", Directly),
        entry(5, "NHI5:2025", "Overprivileged NHI", Partly),
        entry(6, "NHI6:2025", "Insecure Cloud Deployment Configurations", Partly),
        entry(7, "NHI7:2025", "Long-Lived Secrets", Directly),
        entry(8, "NHI8:2025", "Environment Isolation", Partly),
        entry(9, "NHI9:2025", "NHI Reuse", Partly),
        entry(10, "NHI10:2025", "Human Use of NHI", Nothing),
    ],
};

/// OWASP Top 10 for Agentic Applications.
pub const ASI: Framework = Framework {
    key: "OWASP-ASI",
    name: "OWASP Top 10 for Agentic Applications",
    version: "2026",
    publisher: "OWASP",
    agents_only: true,
    entries: &[
        entry(1, "ASI01", "Agent Goal Hijack", Nothing),
        entry(2, "ASI02", "Tool Misuse and Exploitation", Partly),
        entry(3, "ASI03", "Identity and Privilege Abuse", Directly),
        entry(4, "ASI04", "Agentic Supply Chain Vulnerabilities", Partly),
        entry(5, "ASI05", "Unexpected Code Execution (RCE)", Nothing),
        entry(6, "ASI06", "Memory and Context Poisoning", Partly),
        entry(7, "ASI07", "Insecure Inter-Agent Communication", Partly),
        entry(8, "ASI08", "Cascading Failures", Nothing),
        entry(9, "ASI09", "Human-Agent Trust Exploitation", Partly),
        entry(10, "ASI10", "Rogue Agents", Nothing),
    ],
};

/// Layers of CSA MAESTRO: a finding is placed in one, it cannot meet one.
pub const MAESTRO: Framework = Framework {
    key: "CSA-MAESTRO",
    name: "CSA MAESTRO layers",
    version: "2025-02",
    publisher: "Cloud Security Alliance",
    agents_only: true,
    entries: &[
        entry(1, "L1", "Foundation Models", Nothing),
        entry(2, "L2", "Data Operations", Partly),
        entry(3, "L3", "Agent Frameworks", Partly),
        entry(4, "L4", "Deployment and Infrastructure", Partly),
        entry(5, "L5", "Evaluation and Observability", Partly),
        entry(6, "L6", "Security and Compliance", Partly),
        entry(7, "L7", "Agent Ecosystem", Partly),
    ],
};

/// Subcategories of the NIST AI RMF to which a report is input.
pub const RMF: Framework = Framework {
    key: "NIST-AI-RMF",
    name: "NIST AI Risk Management Framework",
    version: "1.0",
    publisher: "NIST",
    agents_only: true,
    entries: &[
        entry(
            1,
            "MEASURE 2.7",
            "AI system security and resilience are evaluated and documented",
            Partly,
        ),
        entry(
            2,
            "GOVERN 1.2",
            "Trustworthy characteristics are part of policies (input only)",
            Partly,
        ),
        entry(
            3,
            "GOVERN 1.4",
            "Risk management through transparent policies and controls (input only)",
            Partly,
        ),
        entry(4, "GOVERN 2.1", "Roles and lines of communication (input only)", Partly),
        entry(5, "GOVERN 6.1", "Risks of third parties (input only)", Partly),
        entry(6, "MAP 4.1", "Risks of third-party components", Partly),
        entry(7, "MAP 4.2", "Internal risk controls for components", Partly),
        entry(8, "MANAGE 2.4", "Disengaging and deactivating systems", Partly),
        entry(9, "MANAGE 4.1", "Monitoring, incident response and change management", Partly),
        entry(10, "MANAGE 4.3", "Incidents are communicated", Nothing),
    ],
};

/// Risks of NIST AI 600-1.
pub const GENAI: Framework = Framework {
    key: "NIST-AI-600-1",
    name: "NIST AI 600-1 Generative AI Profile",
    version: "2024-07",
    publisher: "NIST",
    agents_only: true,
    entries: &[
        entry(1, "2.1", "CBRN Information or Capabilities", Nothing),
        entry(2, "2.2", "Confabulation", Nothing),
        entry(3, "2.3", "Dangerous, Violent, or Hateful Content", Nothing),
        entry(4, "2.4", "Data Privacy", Partly),
        entry(5, "2.5", "Environmental Impacts", Nothing),
        entry(6, "2.6", "Harmful Bias and Homogenization", Nothing),
        entry(7, "2.7", "Human-AI Configuration", Partly),
        entry(8, "2.8", "Information Integrity", Nothing),
        entry(9, "2.9", "Information Security", Directly),
        entry(10, "2.10", "Intellectual Property", Nothing),
        entry(11, "2.11", "Obscene, Degrading, and/or Abusive Content", Nothing),
        entry(12, "2.12", "Value Chain and Component Integration", Partly),
    ],
};

/// What of credentials is evidence for which entry of which list.
const CREDENTIALS: [(&str, &str, &str); 4] = [
    (NHI.key, "NHI2:2025", "every credential that is found"),
    (NHI.key, "NHI7:2025", "credentials that live long"),
    (NHI.key, "NHI9:2025", "a credential that stands in several files"),
    (GENAI.key, "2.9", "every credential that is found"),
];

/// Every list, in the order of reports.
pub const ALL: [&Framework; 5] = [&NHI, &ASI, &MAESTRO, &RMF, &GENAI];

/// What no text can show and every report says.
pub const NOT_ASSESSED: [(&str, &str); 3] = [
    ("token binding", "whether tokens are bound to their client (DPoP, mTLS)"),
    ("runtime policy", "what is decided about a request while it runs"),
    ("intent-based authorisation", "whether what an agent does is what its user meant"),
];
