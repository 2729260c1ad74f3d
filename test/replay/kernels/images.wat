  (func (;images 4 2 192 1024 256;) (param i32 i32 i32 i32 i32)
    (local v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 i32 i32 i32 i32)
    local.get 1
    i32.const 0
    i32.le_s
    local.get 3
    i32.const 0
    i32.le_s
    i32.or
    if
      local.get 4
      i32.const 0
      i32.add
      i32.const 0
      i32.const 32
      memory.fill
      local.get 4
      i32.const 256
      i32.add
      i32.const 0
      i32.const 32
      memory.fill
      local.get 4
      i32.const 512
      i32.add
      i32.const 0
      i32.const 32
      memory.fill
      local.get 4
      i32.const 768
      i32.add
      i32.const 0
      i32.const 32
      memory.fill
      return
    end
    local.get 0
    local.get 1
    i32.add
    local.set 16
    i32.const 192
    local.get 1
    i32.sub
    local.set 17
    i32.const 1024
    local.get 1
    i32.const 4
    i32.div_u
    i32.const 8
    i32.mul
    i32.sub
    local.set 18
    i32.const 1
    local.set 19
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 5
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 6
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 7
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 8
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 9
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 10
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 11
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    local.set 12
    loop
      loop
        local.get 2
        v128.load
        local.set 13
        local.get 2
        v128.load offset=16
        local.set 14
        local.get 0
        v128.load32_splat
        local.set 15
        local.get 15
        local.get 13
        local.get 5
        f32x4.relaxed_madd
        local.set 5
        local.get 15
        local.get 14
        local.get 6
        f32x4.relaxed_madd
        local.set 6
        local.get 0
        v128.load32_splat offset=4
        local.set 15
        local.get 15
        local.get 13
        local.get 7
        f32x4.relaxed_madd
        local.set 7
        local.get 15
        local.get 14
        local.get 8
        f32x4.relaxed_madd
        local.set 8
        local.get 0
        v128.load32_splat offset=8
        local.set 15
        local.get 15
        local.get 13
        local.get 9
        f32x4.relaxed_madd
        local.set 9
        local.get 15
        local.get 14
        local.get 10
        f32x4.relaxed_madd
        local.set 10
        local.get 0
        v128.load32_splat offset=12
        local.set 15
        local.get 15
        local.get 13
        local.get 11
        f32x4.relaxed_madd
        local.set 11
        local.get 15
        local.get 14
        local.get 12
        f32x4.relaxed_madd
        local.set 12
        local.get 0
        i32.const 16
        i32.add
        local.set 0
        local.get 2
        i32.const 32
        i32.add
        local.set 2
        local.get 0
        local.get 16
        i32.lt_u
        br_if 0
      end
      local.get 0
      local.get 17
      i32.add
      local.set 0
      local.get 2
      local.get 18
      i32.add
      local.set 2
      local.get 16
      i32.const 192
      i32.add
      local.set 16
      local.get 3
      i32.const -1
      i32.add
      local.set 3
      local.get 3
      br_if 0
    end
    local.get 4
    local.get 5
    v128.store
    local.get 4
    local.get 6
    v128.store offset=16
    local.get 4
    local.get 7
    v128.store offset=256
    local.get 4
    local.get 8
    v128.store offset=272
    local.get 4
    local.get 9
    v128.store offset=512
    local.get 4
    local.get 10
    v128.store offset=528
    local.get 4
    local.get 11
    v128.store offset=768
    local.get 4
    local.get 12
    v128.store offset=784
  )
