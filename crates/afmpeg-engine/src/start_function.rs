//! The linker's start function, and the part of its work that no job has to repeat.
//!
//! In a module with threads, the start function of the first instance copies the initial data of C's variables to memory
//! and fills `.bss` with zeros. In FFmpeg, this writes to 13 MiB: more pages than a small job otherwise touches, and most
//! of the cost of starting one. A job's memory is fresh, so the zeros are there already, and the data can be mapped
//! ([`MemoryImage`]).

use std::ops::Range;

use wasmer::sys::{
    FunctionMiddleware, MiddlewareReaderState, ModuleMiddleware,
    wasmparser::{BlockType, DataKind, Operator, Parser, Payload, TypeRef},
};
use wasmer_types::{DataIndex, LocalFunctionIndex, MiddlewareError, ModuleInfo};

use crate::memory_image::MemoryImage;

/// The operators of a write: its three operands, then the write.
const WRITE: usize = 4;

/// The operators of a start function that need not run, as the memory of a job has their results from the beginning.
#[derive(Debug, Default)]
pub(crate) struct StartFunction {
    /// Its number among the functions of the module itself, if the module has a start function of the known form.
    function: Option<LocalFunctionIndex>,
    /// The numbers of the first of the four operators of each write that is removed.
    removed: Vec<usize>,
    /// The numbers of the data segments that only the start function uses.
    segments: Vec<u32>,
    image: Option<MemoryImage>,
}

impl StartFunction {
    /// Reads the start function of a module. Without one in the form that the linker generates, nothing is removed.
    pub(crate) fn read(module: &[u8]) -> Self {
        Sections::read(module).and_then(|sections| sections.start_function()).unwrap_or_default()
    }

    /// Returns the initial data that the start function would have copied.
    pub(crate) fn image(&self) -> Option<&MemoryImage> {
        self.image.as_ref()
    }
}

/// The parts of a module that its start function depends on.
#[derive(Default)]
struct Sections<'a> {
    imported_functions: u32,
    memories: Vec<u64>,
    start: Option<u32>,
    bodies: u32,
    operators: Vec<Operator<'a>>,
    /// The data segments; `None` for one that is not passive.
    data: Vec<Option<&'a [u8]>>,
}

impl<'a> Sections<'a> {
    /// Reads as much as is needed. Damage is left to the compiler, whose error is better.
    fn read(module: &'a [u8]) -> Option<Self> {
        let mut sections = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload.ok()? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        match import.ok()?.ty {
                            TypeRef::Func(_) | TypeRef::FuncExact(_) => sections.imported_functions += 1,
                            TypeRef::Memory(memory) => sections.memories.push(memory.initial << 16),
                            _ => {}
                        }
                    }
                }
                Payload::MemorySection(memories) => {
                    for memory in memories {
                        sections.memories.push(memory.ok()?.initial << 16);
                    }
                }
                Payload::StartSection { func, .. } => sections.start = Some(func),
                Payload::CodeSectionEntry(body) => {
                    if sections.local_start() == Some(sections.bodies) {
                        let operators = body.get_operators_reader().ok()?;
                        sections.operators = operators.into_iter().collect::<Result<_, _>>().ok()?;
                    }
                    sections.bodies += 1;
                }
                Payload::DataSection(segments) => {
                    for segment in segments {
                        let segment = segment.ok()?;
                        let is_passive = matches!(segment.kind, DataKind::Passive);
                        sections.data.push(is_passive.then_some(segment.data));
                    }
                }
                _ => {}
            }
        }
        Some(sections)
    }

    fn local_start(&self) -> Option<u32> {
        self.start?.checked_sub(self.imported_functions)
    }

    fn start_function(&self) -> Option<StartFunction> {
        let function = LocalFunctionIndex::from_u32(self.local_start()?);
        // With several memories, the operators' memory index would matter as well.
        let &[memory] = self.memories.as_slice() else { return None };
        let dropped = dropped_segments(&self.operators)?;

        let mut start = StartFunction { function: Some(function), ..StartFunction::default() };
        let (mut kept, mut pieces) = (Vec::new(), Vec::<(Range<u64>, &[u8])>::new());
        let (mut kept_segments, mut operands) = (Vec::new(), Operands::default());
        for (number, operator) in self.operators.iter().enumerate() {
            let Some(Write { first, place, value }) = operands.next(number, operator)? else { continue };
            let is_over_kept = kept.iter().any(|other| overlap(&place, other));
            let is_alone = first + WRITE == number + 1;
            let can_move = is_alone && place.end <= memory && !is_over_kept;
            let is_removed = can_move
                && match value {
                    Value::Byte(byte) => byte == 0 && !pieces.iter().any(|(piece, _)| overlap(&place, piece)),
                    Value::Segment { number, offset } => {
                        let data = self.data.get(number as usize).copied().flatten();
                        let length = usize::try_from(place.end - place.start).ok()?;
                        let part = data.and_then(|data| data.get(offset..offset.checked_add(length)?));
                        let part = part.filter(|_| dropped.contains(&number));
                        start.segments.extend(part.map(|_| number));
                        pieces.extend(part.map(|part| (place.clone(), part)));
                        part.is_some()
                    }
                };
            match value {
                _ if is_removed => start.removed.push(first),
                Value::Segment { number, .. } => {
                    kept.push(place);
                    kept_segments.push(number);
                }
                Value::Byte(_) => kept.push(place),
            }
        }
        // A segment moves as a whole.
        if start.segments.iter().any(|segment| kept_segments.contains(segment)) {
            return None;
        }
        start.image = MemoryImage::new(&pieces);
        (start.image.is_some() || pieces.is_empty()).then_some(start)
    }
}

fn overlap(one: &Range<u64>, other: &Range<u64>) -> bool {
    one.start < other.end && other.start < one.end
}

/// A write to memory with constant operands.
struct Write {
    /// The number of the operator of its first operand.
    first: usize,
    place: Range<u64>,
    value: Value,
}

enum Value {
    /// One byte, repeated.
    Byte(u32),
    /// The bytes of a data segment from an offset on.
    Segment { number: u32, offset: usize },
}

/// The constants on the stack, each with the number of its operator.
#[derive(Default)]
struct Operands(Vec<(usize, u32)>);

impl Operands {
    /// Follows the next operator, and returns its write to memory, if it is one. Returns an outer `None` if the operands
    /// of the write are not constants.
    fn next(&mut self, number: usize, operator: &Operator<'_>) -> Option<Option<Write>> {
        let segment = match operator {
            Operator::MemoryFill { mem: 0 } => None,
            Operator::MemoryInit { mem: 0, data_index } => Some(*data_index),
            Operator::I32Const { value } => {
                self.0.push((number, value.cast_unsigned()));
                return Some(None);
            }
            Operator::GlobalSet { .. } => {
                self.0.pop();
                return Some(None);
            }
            _ => {
                self.0.clear();
                return Some(None);
            }
        };
        let ((_, length), (_, from), (first, to)) = (self.0.pop()?, self.0.pop()?, self.0.pop()?);
        let value = match segment {
            Some(number) => Value::Segment { number, offset: from as usize },
            None => Value::Byte(from),
        };
        Some(Some(Write { first, place: u64::from(to)..u64::from(to) + u64::from(length), value }))
    }
}

/// Returns the segments that the function drops whenever it returns, so that no function can use them later, if it
/// consists of the operators that the linker generates: a guard that runs the writes only in a job's first instance, and
/// the writes. Without loops and calls, the writes happen in their order.
fn dropped_segments(operators: &[Operator<'_>]) -> Option<Vec<u32>> {
    let mut dropped = Vec::new();
    let mut depth = 0_u32;
    for operator in operators {
        match operator {
            Operator::Block { blockty: BlockType::Empty } => depth += 1,
            // The last one ends the function.
            Operator::End => depth = depth.saturating_sub(1),
            // A branch out of the function would skip what follows.
            Operator::Br { relative_depth } if *relative_depth < depth => {}
            Operator::BrTable { targets } => {
                for target in targets.targets().chain([Ok(targets.default())]) {
                    target.ok().filter(|target| *target < depth)?;
                }
            }
            Operator::DataDrop { data_index } if depth == 0 => dropped.push(*data_index),
            Operator::I32Const { .. }
            | Operator::I64Const { .. }
            | Operator::GlobalSet { .. }
            | Operator::MemoryFill { .. }
            | Operator::MemoryInit { .. }
            | Operator::DataDrop { .. }
            | Operator::I32AtomicRmwCmpxchg { .. }
            | Operator::I32AtomicStore { .. }
            | Operator::MemoryAtomicNotify { .. }
            | Operator::MemoryAtomicWait32 { .. }
            | Operator::Drop => {}
            _ => return None,
        }
    }
    Some(dropped)
}

/// Removes the operators and the segments.
#[derive(Debug)]
pub(crate) struct ShortStart {
    function: Option<LocalFunctionIndex>,
    removed: Vec<usize>,
    segments: Vec<u32>,
}

impl ShortStart {
    pub(crate) fn new(start: StartFunction) -> Self {
        let StartFunction { function, removed, segments, .. } = start;
        Self { function, removed, segments }
    }
}

impl ModuleMiddleware for ShortStart {
    fn transform_module_info(&self, module: &mut ModuleInfo) -> Result<(), MiddlewareError> {
        for segment in &self.segments {
            module.passive_data.remove(&DataIndex::from_u32(*segment));
        }
        Ok(())
    }

    fn generate_function_middleware<'a>(
        &self,
        function: LocalFunctionIndex,
    ) -> Box<dyn FunctionMiddleware<'a> + 'a> {
        let is_start = self.function == Some(function);
        let removed = if is_start { self.removed.clone() } else { Vec::new() };
        Box::new(Function { removed, number: 0 })
    }
}

#[derive(Debug)]
struct Function {
    removed: Vec<usize>,
    /// The number of operators so far.
    number: usize,
}

impl<'a> FunctionMiddleware<'a> for Function {
    fn feed(
        &mut self,
        operator: Operator<'a>,
        state: &mut MiddlewareReaderState<'a>,
    ) -> Result<(), MiddlewareError> {
        let number = self.number;
        self.number += 1;
        if !self.removed.iter().any(|first| (*first..first + WRITE).contains(&number)) {
            state.push_operator(operator);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMORY: u64 = 2 << 16;

    fn write_of(operands: [i32; 3], last: Operator<'static>) -> Vec<Operator<'static>> {
        let constants = operands.map(|value| Operator::I32Const { value });
        constants.into_iter().chain([last]).collect()
    }

    fn fill(operands: [i32; 3]) -> Vec<Operator<'static>> {
        write_of(operands, Operator::MemoryFill { mem: 0 })
    }

    fn init(operands: [i32; 3]) -> Vec<Operator<'static>> {
        write_of(operands, Operator::MemoryInit { data_index: 0, mem: 0 })
    }

    /// Returns the start function of these writes, which drops the only segment at the end.
    fn start(writes: &[Vec<Operator<'static>>]) -> StartFunction {
        let end = [Operator::DataDrop { data_index: 0 }, Operator::End];
        let operators = writes.iter().flatten().cloned().chain(end).collect();
        read(operators).unwrap()
    }

    fn read(operators: Vec<Operator<'static>>) -> Option<StartFunction> {
        let sections = Sections {
            memories: vec![MEMORY],
            start: Some(0),
            operators,
            data: vec![Some(b"initial data")],
            ..Sections::default()
        };
        sections.start_function()
    }

    #[test]
    fn zeros_are_left_out_where_memory_is_fresh() {
        let after_data = |operands| start(&[init([1000, 0, 12]), fill(operands)]).removed;
        assert_eq!(after_data([1012, 0, 2000]), [0, 4]);
        for (operands, reason) in [
            ([1011, 0, 10], "over earlier data"),
            ([2000, 7, 10], "not zeros"),
            ([131_000, 0, 100], "beyond the end, which traps"),
            ([-1, 0, 2], "beyond the address space"),
        ] {
            assert_eq!(after_data(operands), [0], "{reason}");
        }
        let after_fill = start(&[fill([2000, 7, 10]), fill([2005, 0, 1]), fill([2010, 0, 1])]);
        assert_eq!(after_fill.removed, [8], "zeros over bytes that are not zero are kept");
    }

    #[test]
    fn data_moves_to_the_image_if_nothing_else_can_see_the_difference() {
        let moved = start(&[init([1000, 0, 7]), init([1008, 8, 4])]);
        assert_eq!((moved.removed.as_slice(), moved.segments.as_slice()), (&[0, 4][..], &[0, 0][..]));
        let image = moved.image().unwrap();
        assert_eq!(image.address(), 0);
        assert_eq!(&image.bytes().unwrap()[999..1013], b"\0initial\0data\0");

        for (writes, reason) in [
            ([fill([1003, 1, 1]), init([1000, 0, 12])], "over an earlier write that stays"),
            ([fill([0, 0, 1]), init([1000, 1, 12])], "beyond the segment, which traps"),
            ([fill([0, 0, 1]), init([131_068, 0, 12])], "beyond the end, which traps"),
        ] {
            let start = start(&writes);
            assert!(start.image().is_none() && start.segments.is_empty(), "{reason}");
        }
    }

    /// The linker also stores the address of the thread-local variables, which each thread copies again.
    #[test]
    fn write_with_another_operator_in_it_stays() {
        let address = Operator::I32Const { value: 1000 };
        let global = Operator::GlobalSet { global_index: 1 };
        let operators =
            [vec![address, Operator::I32Const { value: 1000 }, global], init([0, 0, 12])[1..].to_vec()];
        let start = read([operators.concat(), fill([1000, 0, 1]), fill([2000, 0, 1])].concat()).unwrap();
        assert_eq!(start.removed, [10]);
    }

    #[test]
    fn segments_stay_if_they_can_be_used_later() {
        // One write could move, and the other must stay.
        let writes = [init([1000, 0, 4]), init([131_068, 0, 12])];
        for order in [[0, 1], [1, 0]] {
            let writes = order.map(|number: usize| writes[number].clone()).concat();
            assert!(read([writes, vec![Operator::DataDrop { data_index: 0 }]].concat()).is_none());
        }

        let block = Operator::Block { blockty: BlockType::Empty };
        let dropped_in_a_block = [block, Operator::DataDrop { data_index: 0 }, Operator::End];
        let mut operators = init([1000, 0, 12]);
        operators.extend(dropped_in_a_block);
        let start = read(operators).unwrap();
        assert!(start.removed.is_empty() && start.image().is_none());
    }

    #[test]
    fn functions_with_other_operators_stay_as_they_are() {
        for operator in [
            Operator::Call { function_index: 1 },
            Operator::Loop { blockty: BlockType::Empty },
            Operator::Return,
            Operator::Br { relative_depth: 0 },
        ] {
            assert!(read(fill([0, 0, 1]).into_iter().chain([operator]).collect()).is_none());
        }
        let unknown = [Operator::Drop, Operator::Drop, Operator::Drop, Operator::MemoryFill { mem: 0 }];
        assert!(read(unknown.to_vec()).is_none());
    }
}
