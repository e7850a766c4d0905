//! Integers of 64 bits for arguments that are passed on the stack.
//!
//! On x86-64, Cranelift passes the first five integers of a call in registers, and the others on the stack. The caller
//! of a function with an `i32` there stores 32 bits, and the function loads 64, to which the processor cannot forward
//! the store: each of these loads takes a dozen cycles longer. So the functions of a module take an `i64` instead, and
//! use its lower half.

use std::collections::BTreeMap;

use anyhow::Context as _;
use wasm_encoder::{
    CodeSection, Function, FunctionSection, Instruction, Module, TypeSection, ValType,
    reencode::{Error, Reencode, RoundtripReencoder, utils},
};
use wasmparser::{
    ElementItems, ExternalKind, FuncType, FunctionBody, FunctionSectionReader, Operator, Parser, Payload,
    TypeRef, TypeSectionReader,
};

use crate::failure::Failure;

/// The integers in registers. The sixth of the registers for arguments has the address of wasmer's instance.
const IN_REGISTERS: usize = 5;

/// Rewrites all functions of a module, the calls of them, and the calls by address.
///
/// Imported functions keep their types. Fails if one of them, or an exported function, would need another.
pub(super) fn widen(wasm: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut widening = Widening::of(wasm)?;
    let mut module = Module::new();
    widening
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .map_err(|error| anyhow::anyhow!("cannot rewrite the linked module: {error}"))?;
    Ok(module.finish())
}

/// The parameters of a type that become `i64`.
fn wide_parameters(ty: &FuncType) -> Vec<bool> {
    let mut integers = 0;
    let is_wide = |ty: &wasmparser::ValType| {
        let is_integer = matches!(ty, wasmparser::ValType::I32 | wasmparser::ValType::I64);
        integers += usize::from(is_integer);
        *ty == wasmparser::ValType::I32 && integers > IN_REGISTERS
    };
    ty.params().iter().map(is_wide).collect()
}

struct Widening {
    types: Vec<FuncType>,
    /// For the types with a wide parameter: the type that replaces it, which comes after all others.
    wide: BTreeMap<u32, u32>,
    /// The type of each function; the imported ones are first.
    functions: Vec<u32>,
    imported: u32,
    /// The function whose body is next.
    next: u32,
}

impl Widening {
    fn of(wasm: &[u8]) -> anyhow::Result<Self> {
        let mut this =
            Self { types: Vec::new(), wide: BTreeMap::new(), functions: Vec::new(), imported: 0, next: 0 };
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.context("the linked module cannot be read")? {
                Payload::TypeSection(section) => {
                    this.types = section.into_iter_err_on_gc_types().collect::<Result<_, _>>()?;
                    let wide =
                        this.types.iter().zip(0..).filter(|(ty, _)| wide_parameters(ty).contains(&true));
                    let count = u32::try_from(this.types.len())?;
                    this.wide = wide.map(|(_, index)| index).zip(count..).collect();
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        if let TypeRef::Func(ty) = import?.ty {
                            this.functions.push(ty);
                        }
                    }
                    this.imported = u32::try_from(this.functions.len())?;
                    this.next = this.imported;
                }
                Payload::FunctionSection(section) => {
                    for ty in section {
                        this.functions.push(ty?);
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        if export.kind == ExternalKind::Func && this.wide_type(export.index).is_some() {
                            return Err(cannot_widen(&format!("the exported function {}", export.name)));
                        }
                    }
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        if let ElementItems::Functions(functions) = element?.items {
                            for function in functions {
                                let function = function?;
                                let ty = this.functions.get(function as usize);
                                if function < this.imported && ty.is_some_and(|ty| this.wide.contains_key(ty))
                                {
                                    return Err(cannot_widen(&format!(
                                        "the imported function {function}, which has an address"
                                    )));
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(this)
    }

    /// The parameters that become wide, if the function is the module's own and has some.
    fn wide_type(&self, function: u32) -> Option<&FuncType> {
        let ty = *self.functions.get(function as usize)?;
        (function >= self.imported && self.wide.contains_key(&ty)).then(|| &self.types[ty as usize])
    }

    /// The type of the functions that an operator calls, if arguments of it become wide.
    fn called(&self, operator: &Operator<'_>) -> Option<&FuncType> {
        match *operator {
            Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                self.wide_type(function_index)
            }
            Operator::CallIndirect { type_index, .. } | Operator::ReturnCallIndirect { type_index, .. } => {
                self.wide.contains_key(&type_index).then(|| &self.types[type_index as usize])
            }
            _ => None,
        }
    }
}

fn cannot_widen(function: &str) -> anyhow::Error {
    Failure::new(
        format!("{function} has more than {IN_REGISTERS} integers, one of them an i32 on the stack"),
        "pass its arguments in a struct, or leave its type as it is in xtask/src/wasm/stack_arguments.rs",
    )
    .into()
}

impl Reencode for Widening {
    type Error = std::convert::Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: TypeSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_type_section(self, types, section)?;
        for &index in self.wide.keys() {
            let ty = &self.types[index as usize];
            let parameters = ty.params().iter().zip(wide_parameters(ty));
            let parameters = parameters
                .map(
                    |(&ty, is_wide)| if is_wide { Ok(ValType::I64) } else { RoundtripReencoder.val_type(ty) },
                )
                .collect::<Result<Vec<_>, _>>()?;
            types.ty().function(parameters, RoundtripReencoder.val_types(ty.results().to_vec())?);
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        for ty in section {
            let ty = ty?;
            functions.function(self.wide.get(&ty).copied().unwrap_or(ty));
        }
        Ok(())
    }

    fn instruction<'a>(&mut self, operator: Operator<'a>) -> Result<Instruction<'a>, Error> {
        let wide = |ty: u32| self.wide.get(&ty).copied().unwrap_or(ty);
        Ok(match operator {
            Operator::CallIndirect { type_index, table_index } => {
                Instruction::CallIndirect { type_index: wide(type_index), table_index }
            }
            Operator::ReturnCallIndirect { type_index, table_index } => {
                Instruction::ReturnCallIndirect { type_index: wide(type_index), table_index }
            }
            operator => utils::instruction(self, operator)?,
        })
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Result<(), Error> {
        let function = self.next;
        self.next += 1;
        let ty = &self.types[self.functions[function as usize] as usize];
        let wide_parameters = self.wide_type(function).map(wide_parameters).unwrap_or_default();
        let is_wide = |local: u32| wide_parameters.get(local as usize) == Some(&true);
        let mut locals = Vec::new();
        let mut count: u32 = ty.params().iter().map(|_| 1).sum();
        for pair in body.get_locals_reader()? {
            let (number, ty) = pair?;
            locals.push((number, self.val_type(ty)?));
            count += number;
        }
        let mut temporaries = Temporaries { next: count, locals: Vec::new() };
        let mut instructions = Vec::new();
        for operator in body.get_operators_reader()? {
            let operator = operator?;
            match operator {
                Operator::LocalGet { local_index } if is_wide(local_index) => {
                    instructions.extend([Instruction::LocalGet(local_index), Instruction::I32WrapI64]);
                }
                Operator::LocalSet { local_index } if is_wide(local_index) => {
                    instructions.extend([Instruction::I64ExtendI32U, Instruction::LocalSet(local_index)]);
                }
                Operator::LocalTee { local_index } if is_wide(local_index) => {
                    instructions.extend([
                        Instruction::I64ExtendI32U,
                        Instruction::LocalTee(local_index),
                        Instruction::I32WrapI64,
                    ]);
                }
                operator => {
                    if let Some(ty) = self.called(&operator) {
                        let by_address = matches!(
                            operator,
                            Operator::CallIndirect { .. } | Operator::ReturnCallIndirect { .. }
                        );
                        temporaries.extend_arguments(ty, by_address, &mut instructions)?;
                    }
                    instructions.push(self.instruction(operator)?);
                }
            }
        }
        locals.extend(temporaries.locals.iter().map(|&(_, ty)| (1, ty)));
        let mut function = Function::new(locals);
        for instruction in &instructions {
            function.instruction(instruction);
        }
        code.function(&function);
        Ok(())
    }
}

/// The locals that hold arguments above one that is extended.
struct Temporaries {
    next: u32,
    locals: Vec<(u32, ValType)>,
}

impl Temporaries {
    /// Extends the wide ones of the arguments on the stack, which are below an address if there is one.
    fn extend_arguments(
        &mut self,
        ty: &FuncType,
        by_address: bool,
        instructions: &mut Vec<Instruction<'_>>,
    ) -> Result<(), Error> {
        let wide = wide_parameters(ty);
        let first = wide.iter().position(|is_wide| *is_wide).unwrap_or(wide.len());
        let above = ty.params().iter().copied().zip(wide).skip(first + 1);
        let address = by_address.then_some((wasmparser::ValType::I32, false));
        let mut held = Vec::new();
        for (ty, is_wide) in above.chain(address) {
            held.push((self.free(RoundtripReencoder.val_type(ty)?, &held), is_wide));
        }
        instructions.extend(held.iter().rev().map(|&(local, _)| Instruction::LocalSet(local)));
        instructions.push(Instruction::I64ExtendI32U);
        for (local, is_wide) in held {
            instructions.push(Instruction::LocalGet(local));
            instructions.extend(is_wide.then_some(Instruction::I64ExtendI32U));
        }
        Ok(())
    }

    /// A temporary of a type that is not in use.
    fn free(&mut self, ty: ValType, used: &[(u32, bool)]) -> u32 {
        let is_used = |local: u32| used.iter().any(|&(used, _)| used == local);
        let free = self.locals.iter().find(|&&(local, of)| of == ty && !is_used(local));
        if let Some(&(local, _)) = free {
            return local;
        }
        let local = self.next;
        self.next += 1;
        self.locals.push((local, ty));
        local
    }
}

#[cfg(test)]
pub(super) mod tests {
    use wasmer::{Instance, Module, Store, Value, imports};

    use super::*;

    /// Calls `run` of a module without imports.
    pub(in crate::wasm) fn run(wasm: &[u8]) -> Vec<Value> {
        let mut store = Store::default();
        let module = Module::new(&store, wasm).unwrap();
        let instance = Instance::new(&mut store, &module, &imports! {}).unwrap();
        instance.exports.get_function("run").unwrap().call(&mut store, &[]).unwrap().into_vec()
    }

    #[test]
    fn rewritten_functions_return_the_same_values() {
        let wasm = wat::parse_str(
            r#"(module
                (type $many (func (param i64 i32 f64 i32 i32 i32 i32 i64 f32 i32 i32) (result i64)))
                (type $result (func (result i64 i64)))
                (table funcref (elem $sum))
                (func $sum (type $many)
                    ;; A parameter that is read, one that is set, and one that is both.
                    (local.set 9 (i32.sub (local.get 9) (local.get 6)))
                    (local.set 6 (local.tee 10 (i32.mul (local.get 10) (i32.const 3))))
                    (i64.add
                        (i64.mul (local.get 7) (i64.extend_i32_s (local.get 9)))
                        (i64.add
                            (i64.shl (i64.extend_i32_u (local.get 10)) (i64.const 3))
                            (i64.add (i64.extend_i32_s (local.get 6)) (i64.trunc_f32_s (local.get 8))))))
                (func (export "run") (type $result)
                    (call $sum
                        (i64.const 1) (i32.const 2) (f64.const 3) (i32.const 4) (i32.const 5) (i32.const 6)
                        (i32.const -7) (i64.const -800000000000) (f32.const 9.5) (i32.const -10) (i32.const -11))
                    (call_indirect (type $many)
                        (i64.const 1) (i32.const 2) (f64.const 3) (i32.const 4) (i32.const 5) (i32.const 6)
                        (i32.const 7) (i64.const 8) (f32.const -9.5) (i32.const 2147483647) (i32.const -1)
                        (i32.const 0))))"#,
        )
        .unwrap();
        let wide = widen(&wasm).unwrap();
        assert_ne!(wide, wasm);
        assert_eq!(run(&wide), run(&wasm));
    }

    #[test]
    fn functions_that_others_call_keep_their_types() {
        let seven = "(param i32 i32 i32 i32 i32 i32 i32)";
        let imported = wat::parse_str(format!(r#"(module (import "a" "b" (func {seven})))"#)).unwrap();
        assert_eq!(Widening::of(&imported).unwrap().wide_type(0), None);

        let exported = wat::parse_str(format!(r#"(module (func (export "f") {seven}))"#)).unwrap();
        let error = widen(&exported).unwrap_err().to_string();
        assert!(error.contains("the exported function f"), "{error}");

        let with_address =
            format!(r#"(module (import "a" "b" (func $f {seven})) (table funcref (elem $f)))"#);
        let error = widen(&wat::parse_str(with_address).unwrap()).unwrap_err().to_string();
        assert!(error.contains("the imported function 0"), "{error}");
    }
}
