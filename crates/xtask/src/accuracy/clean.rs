//! False alarms: findings per 100 MB of packages that people publish and use.
//! A few real test keys lie in them, so no figure is nought; they are the same
//! for everybody. Four registries through their ordinary clients, versions
//! pinned, and none of the packages that the corpora of speed are made of.

use std::path::{Path, PathBuf};

use super::scanners::{Answer, Scanners};
use crate::bench::table::Table;
use crate::corpora::{files, is_text, remove, sample};
use crate::fetch::{self, Fetcher, at};

type Pinned = (&'static str, &'static str);

const DEBIAN: &[Pinned] = &[
    ("libboost1.81-dev", "1.81.0-5+deb12u1"),
    ("golang-github-aws-aws-sdk-go-dev", "1.44.133-1"),
    ("golang-github-azure-azure-sdk-for-go-dev", "68.0.0-2"),
    ("phpmyadmin", "4:5.2.1+dfsg-1+deb12u1"),
];

const WHEELS: &[Pinned] = &[
    ("apache-airflow", "2.7.3"),
    ("pandas", "2.1.4"),
    ("kubernetes", "28.1.0"),
    ("scikit-learn", "1.3.2"),
    ("sqlalchemy", "2.0.23"),
    ("twilio", "8.10.3"),
    ("matplotlib", "3.8.2"),
    ("networkx", "3.2.1"),
    ("plotly", "5.18.0"),
];

const NPM: &[Pinned] = &[
    ("firebase", "10.7.1"),
    ("next", "14.0.4"),
    ("aws-sdk", "2.1515.0"),
    ("core-js", "3.34.0"),
    ("@mui/material", "5.15.0"),
    ("ethers", "6.9.0"),
    ("highlight.js", "11.9.0"),
    ("date-fns", "3.0.6"),
    ("vite", "5.0.10"),
];

const CRATES: &[Pinned] = &[
    ("aws-sdk-ec2", "1.9.0"),
    ("windows", "0.52.0"),
    ("sqlx-core", "0.7.3"),
    ("actix-web", "4.4.1"),
    ("reqwest", "0.11.23"),
    ("openssl", "0.10.62"),
    ("h2", "0.3.22"),
    ("object", "0.32.2"),
];

/// The names of all packages.
pub fn names() -> impl Iterator<Item = &'static str> {
    [DEBIAN, WHEELS, NPM, CRATES].into_iter().flatten().map(|(name, _)| *name)
}

/// The most that one package gives, in bytes: none may speak for all.
const MOST: u64 = 24 << 20;

/// The least that all must come to, in bytes.
const LEAST: u64 = 200 << 20;

/// Makes the tree, once, and gives its size in bytes.
pub fn tree(work: &Path) -> Result<(PathBuf, u64), String> {
    let tree = work.join("clean");
    let stamp = work.join("clean.stamp");
    let recipe = format!("{MOST} {:?}", [DEBIAN, WHEELS, NPM, CRATES]);
    if !std::fs::read_to_string(&stamp).is_ok_and(|found| found == recipe) {
        remove(&stamp)?;
        remove(&tree)?;
        fill(&Fetcher::new(&work.join("fetched")), &tree)?;
        std::fs::write(&stamp, recipe).map_err(at(&stamp))?;
    }
    let bytes = files(&tree)?.iter().map(|(_, size)| size).sum();
    if bytes < LEAST {
        return Err(format!("the clean packages came to {bytes} bytes only"));
    }
    Ok((tree, bytes))
}

fn fill(fetcher: &Fetcher, tree: &Path) -> Result<(), String> {
    let take = |registry: &str, folder: &Path| {
        let name = folder.file_name().unwrap_or_default();
        sample(folder, &tree.join(registry).join(name), MOST, |_, text| is_text(text)).map(|_| ())
    };
    fetch::folder(tree)?;
    for (name, version) in DEBIAN {
        take("debian", &fetcher.deb(name, version)?)?;
    }
    for (name, version) in WHEELS {
        take("pypi", &fetcher.wheel(name, version)?)?;
    }
    for (name, version) in NPM {
        take("npm", &fetcher.npm(name, version)?)?;
    }
    let vendor = fetcher.crates("clean-crates", CRATES)?;
    for (name, version) in CRATES {
        take("crates", &vendor.join(format!("{name}-{version}")))?;
    }
    Ok(())
}

/// The table.
pub fn run(scanners: &Scanners, work: &Path) -> Result<String, String> {
    let (tree, bytes) = tree(work)?;
    let answers = scanners.answers(&tree);
    let megabytes = bytes as f64 / 1e6;
    let packages = DEBIAN.len() + WHEELS.len() + NPM.len() + CRATES.len();
    let mut page = format!(
        "Published packages ({packages} from Debian, PyPI, npm and crates.io, \
         {megabytes:.0} MB of text), lines with findings per 100 MB:\n\n"
    );
    page += &table(&answers, megabytes).markdown();
    Ok(page)
}

fn table(answers: &[Answer], megabytes: f64) -> Table {
    let mut table = Table::new(["scanner", "all", "Debian", "PyPI", "npm", "crates.io"]);
    for answer in answers {
        let cells = match &answer.places {
            Err(reason) => vec![reason.clone()],
            Ok(places) => {
                let mut lines: Vec<(&Path, usize)> =
                    places.iter().map(|place| (&*place.path, place.first)).collect();
                lines.dedup();
                let per = |registry: Option<&str>| {
                    let here = |path: &Path| registry.is_none_or(|name| path.starts_with(name));
                    let count = lines.iter().filter(|(path, _)| here(path)).count();
                    (count, format!("{:.1}", count as f64 * 100.0 / megabytes))
                };
                let mut cells = vec![per(None).1];
                let registries = ["debian", "pypi", "npm", "crates"];
                cells.extend(registries.map(|registry| per(Some(registry)).0.to_string()));
                cells
            }
        };
        table.push(&answer.name, cells);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::Place;

    #[test]
    fn lines_are_counted_once_and_by_registry() {
        let place = |path: &str, first, last| Place { path: path.into(), first, last };
        let places = vec![place("npm/a", 1, 1), place("npm/a", 1, 3), place("pypi/b", 1, 1)];
        let answers = [
            Answer { name: "x".to_owned(), places: Ok(places) },
            Answer { name: "y".to_owned(), places: Err("unavailable".to_owned()) },
        ];
        let text = table(&answers, 50.0).markdown();
        assert!(text.contains("| x | 4.0 | 0 | 1 | 1 | 0 |"), "{text}");
        assert!(text.contains("| y | unavailable |"), "{text}");
    }

    #[test]
    fn every_package_stands_once() {
        let all = [DEBIAN, WHEELS, NPM, CRATES].concat();
        let mut names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len());
    }
}
