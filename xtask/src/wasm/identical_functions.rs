//! One function for all that are the same.
//!
//! A module has functions with the same type and the same instructions: templates for several bit depths or sample
//! formats of the same size, and static functions of headers. The linker keeps them all. Compiling a function takes
//! longer than reading it, so a module has each only once. Their addresses still differ, since an address is an index
//! into a table, each element of which stays.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context as _;
use wasm_encoder::{
    CodeSection, FunctionSection, Module, NameSection,
    reencode::{Error, Reencode, utils},
};
use wasmparser::{
    CodeSectionReader, FunctionBody, FunctionSectionReader, Name, Operator, Parser, Payload, TypeRef,
};

/// Removes all but the first of the functions with the same type and instructions. Backtraces show its name for all of
/// them.
pub(super) fn merge(wasm: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut merging = Merging::of(wasm)?;
    let mut module = Module::new();
    merging
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .map_err(|error| anyhow::anyhow!("cannot rewrite the linked module: {error}"))?;
    Ok(module.finish())
}

/// A function apart from the functions that it calls.
#[derive(PartialEq, Eq, Hash)]
struct Shape {
    ty: u32,
    /// Its locals and instructions, without the operands of its calls.
    bytes: Vec<u8>,
}

/// A function, and those that it calls, in order.
struct Callers {
    function: u32,
    called: Vec<u32>,
}

struct Merging {
    imported: u32,
    /// For each function, by its index: the first one with its type and instructions.
    first: Vec<u32>,
    /// The index of each function in the new module. Only those of functions that stay are used.
    index: Vec<u32>,
}

impl Merging {
    fn of(wasm: &[u8]) -> anyhow::Result<Self> {
        let mut types = Vec::new();
        let mut imported = 0;
        let mut bodies = 0;
        let mut shapes: HashMap<Shape, Vec<Callers>> = HashMap::new();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.context("the linked module cannot be read")? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(section) => types = section.into_iter().collect::<Result<_, _>>()?,
                Payload::CodeSectionEntry(body) => {
                    let (bytes, called) = without_calls(wasm, &body)?;
                    let shape = Shape { ty: types[bodies], bytes };
                    let function = imported + u32::try_from(bodies)?;
                    shapes.entry(shape).or_default().push(Callers { function, called });
                    bodies += 1;
                }
                _ => {}
            }
        }
        let count = imported + u32::try_from(bodies)?;
        let alike: Vec<Vec<Callers>> = shapes.into_values().filter(|alike| alike.len() > 1).collect();
        let first = first_of_each(count, &alike);
        let mut next = 0;
        let index = (0..).zip(&first).map(|(function, first)| {
            let index = next;
            next += u32::from(function == *first);
            index
        });
        Ok(Self { imported, index: index.collect(), first })
    }

    fn stays(&self, function: u32) -> bool {
        self.first[function as usize] == function
    }
}

/// The bytes of a function without the operands of its calls, and these.
fn without_calls(wasm: &[u8], body: &FunctionBody<'_>) -> anyhow::Result<(Vec<u8>, Vec<u32>)> {
    let mut bytes = Vec::new();
    let mut called = Vec::new();
    let mut start = body.range().start;
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        let offset = operators.original_position();
        if let Operator::Call { function_index } = operators.read()? {
            // The byte at the offset is the instruction.
            bytes.extend_from_slice(&wasm[start..=offset]);
            called.push(function_index);
            start = operators.original_position();
        }
    }
    bytes.extend_from_slice(&wasm[start..body.range().end]);
    Ok((bytes, called))
}

/// For each function of a module: the first one that has the same shape and calls the same functions. Functions that
/// call merged functions can thereby become the same, so this repeats until nothing changes.
fn first_of_each(count: u32, alike: &[Vec<Callers>]) -> Vec<u32> {
    let mut first: Vec<u32> = (0..count).collect();
    loop {
        let mut merged = first.clone();
        for functions in alike {
            let mut seen: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
            for Callers { function, called } in functions {
                let called = called.iter().map(|called| first[*called as usize]).collect();
                merged[*function as usize] = *seen.entry(called).or_insert(*function);
            }
        }
        if merged == first {
            return first;
        }
        first = merged;
    }
}

impl Reencode for Merging {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        Ok(self.index[self.first[function as usize] as usize])
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        for (function, ty) in (self.imported..).zip(section) {
            let ty = ty?;
            if self.stays(function) {
                functions.function(ty);
            }
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        for (function, body) in (self.imported..).zip(section) {
            let body = body?;
            if self.stays(function) {
                self.parse_function_body(code, body)?;
            }
        }
        Ok(())
    }

    fn parse_custom_name_subsection(
        &mut self,
        names: &mut NameSection,
        section: Name<'_>,
    ) -> Result<(), Error> {
        let Name::Function(functions) = section else {
            return utils::parse_custom_name_subsection(self, names, section);
        };
        let mut kept = wasm_encoder::NameMap::new();
        for naming in functions {
            let naming = naming?;
            if self.stays(naming.index) {
                kept.append(self.index[naming.index as usize], naming.name);
            }
        }
        names.functions(&kept);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasmer::Value;

    use super::*;
    use crate::wasm::stack_arguments::tests::run;

    /// Merges the functions of a module in text, and returns the numbers of functions before and after.
    fn counts(wat: &str) -> (usize, usize) {
        let wasm = wat::parse_str(wat).unwrap();
        (names(&wasm).len(), names(&merge(&wasm).unwrap()).len())
    }

    /// The names of the functions that a module defines, of which each must have one.
    fn names(wasm: &[u8]) -> Vec<String> {
        let (mut bodies, mut names) = (0, Vec::new());
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.unwrap() {
                Payload::CodeSectionEntry(_) => bodies += 1,
                Payload::CustomSection(section) => {
                    let wasmparser::KnownCustom::Name(section) = section.as_known() else { continue };
                    for name in section {
                        if let Name::Function(functions) = name.unwrap() {
                            names.extend(functions.into_iter().map(|naming| naming.unwrap().name.to_owned()));
                        }
                    }
                }
                _ => {}
            }
        }
        assert_eq!(names.len(), bodies);
        names
    }

    #[test]
    fn equal_functions_and_their_callers_become_one() {
        let wasm = wat::parse_str(
            r#"(module
                (table funcref (elem $call_b $call_c $call_a))
                (func $a (result i32) (i32.const 5))
                (func $c (result i32) (i32.const 6))
                (func $b (result i32) (i32.const 5))
                (func $call_a (result i32) (i32.add (call $a) (i32.const 1)))
                (func $call_c (result i32) (i32.add (call $c) (i32.const 1)))
                (func $call_b (result i32) (i32.add (call $b) (i32.const 1)))
                (func $run (export "run") (result i32 i32 i32 i32)
                    (call_indirect (result i32) (i32.const 0))
                    (call_indirect (result i32) (i32.const 1))
                    (call_indirect (result i32) (i32.const 2))
                    (call $b)))"#,
        )
        .unwrap();
        let merged = merge(&wasm).unwrap();
        assert_eq!(names(&merged), ["a", "c", "call_a", "call_c", "run"]);
        assert_eq!(run(&merged), [6, 7, 6, 5].map(Value::I32));
        assert_eq!(run(&merged), run(&wasm));
    }

    #[test]
    fn functions_with_other_types_locals_or_constants_stay() {
        let module = r#"(module
            (func $a (result i32) (local i32) (i32.const 5))
            (func $b (param i32) (result i32) (local i32) (i32.const 5))
            (func $c (result i32) (local i64) (i32.const 5))
            (func $d (result i32) (local i32) (i32.const 4))
            (func $e (drop (call $a)))
            (func $f (drop (call $c))))"#;
        assert_eq!(counts(module), (6, 6));
    }

    #[test]
    fn callers_of_different_imported_functions_stay() {
        let module = r#"(module
            (import "a" "x" (func))
            (import "a" "y" (func))
            (func $a (call 0))
            (func $b (call 1))
            (func $c (call 0)))"#;
        assert_eq!(counts(module), (3, 2));
    }
}
