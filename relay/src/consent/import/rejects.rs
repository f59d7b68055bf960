//! The file of lines that an import does not take: CSV of line, reason, and the line itself.
//!
//! It is as long as the import is far: what a killed one wrote beyond its last batch is cut off.

use std::{
    fs::File,
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::Fault;
use crate::{consent::export::record, owned};

pub(super) struct Rejects {
    file: Option<(File, PathBuf)>,
    bytes: u64,
    first: Vec<(u64, String)>,
}

impl Rejects {
    pub(super) fn open(path: Option<&Path>, bytes: u64) -> Result<Self, Fault> {
        let file = path.map(|path| {
            let mut file = owned::options().create(true).write(true).truncate(false).open(path)?;
            file.set_len(bytes)?;
            file.seek(SeekFrom::End(0))?;
            Ok((file, path.to_owned()))
        });
        let file = file.transpose().map_err(Fault::Rejects)?;
        Ok(Self { file, bytes, first: Vec::new() })
    }

    /// On disk before the batch that they belong to.
    pub(super) fn write(&mut self, rejected: &[(u64, String, String)]) -> Result<(), Fault> {
        for (line, why, _) in rejected {
            if self.first.len() < FIRST {
                self.first.push((*line, why.clone()));
            }
        }
        let Some((file, _)) = &mut self.file else { return Ok(()) };
        let text: String = rejected
            .iter()
            .map(|(line, why, text)| {
                record([line.to_string().as_str(), why, text.trim_end_matches(['\r', '\n'])])
            })
            .collect();
        file.write_all(text.as_bytes()).map_err(Fault::Rejects)?;
        self.bytes += text.len() as u64;
        Ok(())
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Without a rejected line there is no file. The first of them.
    pub(super) fn close(self) -> Result<Vec<(u64, String)>, Fault> {
        if let Some((file, path)) = self.file {
            drop(file);
            if self.bytes == 0 {
                std::fs::remove_file(path).map_err(Fault::Rejects)?;
            }
        }
        Ok(self.first)
    }
}

/// Shown to the person.
const FIRST: usize = 10;
